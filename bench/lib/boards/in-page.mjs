/** What runs in the page of `bench/boards.mjs`: each function stands alone, since it is sent there as text. */

/** Looks in every frame which widgets are drawn; `globalThis.drawn` tells when the first was, and when the last. */
export function watchBoard(widgets) {
  const drawn = new Set()
  globalThis.drawn = { firstMs: 0, allMs: 0, missing: [] }
  const hasInk = (canvas) => {
    if (!canvas?.width) return false
    const copy = new OffscreenCanvas(canvas.width >> 2, canvas.height >> 2).getContext('2d')
    copy.drawImage(canvas, 0, 0, canvas.width >> 2, canvas.height >> 2)
    const { data } = copy.getImageData(0, 0, canvas.width >> 2, canvas.height >> 2)
    for (let at = 0; at < data.length; at += 4) {
      const most = Math.max(data[at], data[at + 1], data[at + 2])
      if (data[at + 3] > 40 && most - Math.min(data[at], data[at + 1], data[at + 2]) > 60) return true
    }
    return false
  }
  const isDrawn = (element) => {
    const root = element.shadowRoot
    if (!root || root.querySelector('.bone, .skeleton, .state')) return false
    if (element.localName === 'metric-chart') return hasInk(root.querySelector('canvas'))
    const sign = { 'metric-card': '.value', 'metric-table': 'tbody tr', 'metric-gauge': '.needle' }[element.localName]
    return root.querySelector(sign ?? '.mark') !== null
  }
  const look = () => {
    const board = document.querySelector('metric-dashboard')
    const items = [...(board?.shadowRoot?.querySelectorAll('.item > [part=widget]') ?? [])]
    for (const item of items) if (!drawn.has(item) && isDrawn(item)) drawn.add(item)
    const nowMs = performance.now()
    if (drawn.size > 0) globalThis.drawn.firstMs ||= nowMs
    if (drawn.size >= widgets) globalThis.drawn.allMs ||= nowMs
    else globalThis.drawn.missing = items.filter((item) => !drawn.has(item)).map(({ title }) => title)
    if (drawn.size < widgets) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** Lengths of frames until `globalThis.endFrames()`. */
export function watchFrames() {
  const lengths = []
  let before = 0
  let isOn = true
  const frame = (atMs) => {
    if (before > 0) lengths.push(atMs - before)
    before = atMs
    if (isOn) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  globalThis.endFrames = () => {
    isOn = false
    return lengths
  }
}
