/** Functions of `bench/widgets.mjs` that run in the page: each is sent there by itself, so it holds all that it needs. */

/** Reading one pixel back makes the raster happen inside of the measurement. */
export function measureRedraw({ names, counts, rounds }) {
  const settle = (canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1)
  const median = (list) => Number(list.sort((a, b) => a - b)[list.length >> 1].toFixed(2))
  const rows = {}
  for (const count of counts) {
    const times = Float64Array.from({ length: count }, (_, i) => 1.7e12 + i * 1000)
    const values = times.map((_, i) => 100 + 40 * Math.sin(i / (count / 20)) + 20 * Math.random())
    // A copy every other time, so that nobody can keep what was worked out for the same array.
    const copies = [values.slice(), values.slice()]
    const taken = {}
    const charts = names.map((name) => {
      const box = document.body.appendChild(document.createElement('div'))
      box.style.cssText = 'position:relative;width:900px;height:300px'
      return { name, box, chart: window.contenders[name](box, 900, 300, times, values) }
    })
    for (let round = -2; round < rounds; round++) {
      for (const { name, chart } of charts) {
        // At a million points a rival takes a quarter of a second: a few rounds tell.
        if (count > 100_000 && round >= 5 && name !== 'telltale') continue
        const data = name === 'telltale' && round % 2 === 0 ? values : copies[round & 1].slice()
        const startedAt = performance.now()
        chart.update(times, data)
        settle(chart.canvas())
        const key = name === 'telltale' && round % 2 === 0 ? 'telltale, same data' : name
        taken[key] ??= []
        if (round >= 0) taken[key].push(performance.now() - startedAt)
      }
    }
    for (const { chart, box } of charts) {
      chart.destroy()
      box.remove()
    }
    rows[count.toLocaleString('en')] = Object.fromEntries(
      Object.entries(taken).map(([name, list]) => [name, median(list)]),
    )
  }
  return rows
}

export function measureCreate({ names, points, rounds }) {
  const times = Float64Array.from({ length: points }, (_, i) => 1.7e12 + i * 1000)
  const values = times.map((_, i) => 100 + 40 * Math.sin(i / 50) + 20 * Math.random())
  const taken = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = -3; round < rounds; round++) {
    for (const name of names) {
      const box = document.body.appendChild(document.createElement('div'))
      box.style.cssText = 'position:relative;width:900px;height:300px'
      const startedAt = performance.now()
      const chart = window.contenders[name](box, 900, 300, times, values)
      chart.canvas().getContext('2d').getImageData(0, 0, 1, 1)
      if (round >= 0) taken[name].push(performance.now() - startedAt)
      chart.destroy()
      box.remove()
    }
  }
  const median = (list) => Number(list.sort((a, b) => a - b)[list.length >> 1].toFixed(2))
  return Object.fromEntries(names.map((name) => [name, median(taken[name])]))
}

/** Until the frame after the one that painted. */
export async function measureFirstPaint({ name, charts, points }) {
  const grid = document.body.appendChild(document.createElement('div'))
  grid.style.cssText = 'display:grid;grid-template-columns:repeat(5,1fr);gap:4px'
  const times = Float64Array.from({ length: points }, (_, i) => 1.7e12 + i * 1000)
  const values = times.map((_, i) => 100 + 40 * Math.sin(i / 50) + 20 * Math.random())
  const startedAt = performance.now()
  for (let c = 0; c < charts; c++) {
    const box = grid.appendChild(document.createElement('div'))
    box.style.cssText = 'position:relative;width:240px;height:160px'
    window.contenders[name](box, 240, 160, times, values)
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)))
  return performance.now() - startedAt
}

/** The window moves and a point comes, for every chart, `hz` times a second. "telltale tags" are whole tags over a stream. */
export async function measureLive({ name, charts, points, hz, seconds }) {
  const stepMs = 1000 / hz
  const grid = document.body.appendChild(document.createElement('div'))
  grid.style.cssText = 'display:grid;grid-template-columns:repeat(5,1fr);gap:4px'
  let longTasks = 0
  const observer = new PerformanceObserver((list) => {
    longTasks += list.getEntries().length
  })
  observer.observe({ entryTypes: ['longtask'] })
  let step
  let stop
  const value = (n, c) => 100 + 40 * Math.sin(n / 30 + c) + ((n * 7919 + c) % 13)
  if (name === 'telltale tags') {
    const collector = new window.FakeCollector()
    const uninstall = collector.install()
    for (let c = 0; c < charts; c++) {
      const signal = (timeMs) => value(Math.round(timeMs / stepMs), c)
      collector.metrics.set(`m${c}`, { groups: [{}], stepMs, unit: 'ms', signal })
      const chart = grid.appendChild(document.createElement('metric-chart'))
      chart.style.cssText = 'width:240px;height:200px'
      Object.assign(chart, { metric: `m${c}`, range: `${(points * stepMs) / 1000}s`, interval: 'live' })
    }
    window.customElements.get('metric-provider')
    const provider = document.createElement('metric-provider')
    provider.setAttribute('endpoint', 'http://collector.test')
    provider.setAttribute('token', 'secret')
    document.body.append(provider)
    provider.append(grid)
    step = () => collector.tick()
    stop = () => {
      provider.remove()
      uninstall()
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  } else {
    const at = (n) => Float64Array.from({ length: points }, (_, i) => 1.7e12 + (n + i) * stepMs)
    const valuesAt = (n, c) => Float64Array.from({ length: points }, (_, i) => value(n + i, c))
    const made = Array.from({ length: charts }, (_, c) => {
      const box = grid.appendChild(document.createElement('div'))
      box.style.cssText = 'position:relative;width:240px;height:160px'
      return window.contenders[name](box, 240, 160, at(0), valuesAt(0, c))
    })
    step = (n) => {
      const times = at(n)
      made.forEach((chart, c) => {
        chart.update(times, valuesAt(n, c))
      })
    }
    stop = () => {
      for (const chart of made) chart.destroy()
      grid.remove()
    }
  }
  const startedAt = performance.now()
  for (let tick = 1; tick <= seconds * hz; tick++) {
    await new Promise((resolve) => setTimeout(resolve, startedAt + tick * stepMs - performance.now()))
    step(tick)
  }
  stop()
  observer.disconnect()
  return { longTasks }
}
