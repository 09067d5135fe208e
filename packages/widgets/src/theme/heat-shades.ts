/** The heat map's colours, resolved by the browser and mixed into a table. */
import { shadeTable } from '../chart/heat.js'

const stops = [0, 1, 2, 3, 4]

export function readHeatShades(root: ShadowRoot): Uint32Array {
  const probe = document.createElement('i')
  probe.hidden = true
  root.append(probe)
  const { style } = probe
  const computed = getComputedStyle(probe)
  // A canvas turns whatever colour a page has set into bytes.
  const context = new OffscreenCanvas(stops.length, 1).getContext('2d')!
  for (const stop of stops) {
    style.color = `var(--_h${stop})`
    context.fillStyle = computed.color
    context.fillRect(stop, 0, 1, 1)
  }
  probe.remove()
  const { data } = context.getImageData(0, 0, stops.length, 1)
  return shadeTable(stops.map((stop) => [data[stop * 4], data[stop * 4 + 1], data[stop * 4 + 2]]))
}
