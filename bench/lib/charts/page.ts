/** What the page of `bench/widgets.mjs` holds: every contender's charts behind the same four calls. Bundled by the benchmark. */
import { Chart, Decimation, LinearScale, LineController, LineElement, PointElement } from 'chart.js'
import { LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { type EChartsType, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import uPlot from 'uplot'
import { buildChartData } from '../../../packages/widgets/src/chart/model.js'
import { TimePlot } from '../../../packages/widgets/src/chart/time-plot.js'
import { FakeCollector } from '../../../packages/widgets/src/testing/fake-collector.js'
import '../../../packages/widgets/src/index.js'

Chart.register(Decimation, LinearScale, LineController, LineElement, PointElement)
use([LineChart, GridComponent, CanvasRenderer])

interface Contender {
  update(times: Float64Array, values: Float64Array): void
  canvas(): HTMLCanvasElement
  destroy(): void
}

type Make = (box: HTMLElement, width: number, height: number, times: Float64Array, values: Float64Array) => Contender

const blue = '#3557e0'
const colors = {
  series: [blue],
  ...{ ink: '#111', surface: '#fff', info: blue, good: 'green', warning: 'orange', critical: 'red', muted: '#667' },
  ...{ grid: '#eee', font: 'sans-serif' },
}

const telltale: Make = (box, width, height, times, values) => {
  const style = { colors, scale: 'linear' as const, thresholds: [], annotations: [], isPatterned: false }
  const dataOf = (timesMs: Float64Array, column: Float64Array) =>
    buildChartData(
      [
        {
          view: { timesMs, columns: [column] },
          ...{
            groups: [{}],
            stepMs: 1000,
            type: 'line',
            axis: 'left',
            unit: 'ms',
            metric: 'm',
            aggregation: 'avg',
            name: 'm',
          },
        },
      ],
      new Set(),
    )
  const listener = { cursor() {}, select() {}, pan: () => false, zoom: () => false, reset() {}, click() {} }
  const plot = new TimePlot(box, dataOf(times, values), new Set(), style, listener)
  plot.setSize(width, height)
  const update = (t: Float64Array, v: Float64Array) => plot.draw(dataOf(t, v), style, t[0], t[t.length - 1])
  update(times, values)
  return { update, canvas: () => plot.canvas, destroy: () => plot.destroy() }
}

const uplot: Make = (box, width, height, times, values) => {
  const series = [{}, { stroke: blue, width: 1, points: { show: false } }]
  const chart = new uPlot({ width, height, ms: 1, legend: { show: false }, series }, [times, values], box)
  return {
    update: (t, v) => chart.batch(() => chart.setData([t, v])),
    canvas: () => chart.ctx.canvas,
    destroy: () => chart.destroy(),
  }
}

/** Parsed beforehand and sorted, without animation, with its own decimation: what its performance page asks for. */
const chartjs: Make = (box, width, height, times, values) => {
  const canvas = box.appendChild(document.createElement('canvas'))
  canvas.width = width
  canvas.height = height
  const points = (t: Float64Array, v: Float64Array) => Array.from(t, (x, i) => ({ x, y: v[i] }))
  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: [{ data: points(times, values), borderColor: blue, borderWidth: 1, pointRadius: 0 }] },
    options: {
      ...{ animation: false, parsing: false, normalized: true, responsive: false, maintainAspectRatio: false },
      scales: { x: { type: 'linear' } },
      plugins: { decimation: { enabled: true, algorithm: 'min-max' } },
    },
  })
  return {
    update: (t, v) => {
      chart.data.datasets[0].data = points(t, v)
      chart.update('none')
    },
    canvas: () => canvas,
    destroy: () => {
      chart.destroy()
      canvas.remove()
    },
  }
}

/** Typed arrays in pairs, without animation, with its own sampling. */
const echarts: Make = (box, width, height, times, values) => {
  const chart: EChartsType = init(box, null, { renderer: 'canvas', width, height })
  const pairs = (t: Float64Array, v: Float64Array) => {
    const data = new Float64Array(t.length * 2)
    for (let i = 0; i < t.length; i++) {
      data[2 * i] = t[i]
      data[2 * i + 1] = v[i]
    }
    return data
  }
  const update = (t: Float64Array, v: Float64Array) => {
    const line = { type: 'line', showSymbol: false, sampling: 'minmax', lineStyle: { width: 1 }, data: pairs(t, v) }
    chart.setOption({ animation: false, xAxis: { type: 'value', scale: true }, yAxis: {}, series: [line] })
    chart.getZr().flush()
  }
  update(times, values)
  return {
    update,
    canvas: () => box.querySelector('canvas')!,
    destroy: () => chart.dispose(),
  }
}

Object.assign(globalThis, {
  contenders: { telltale, uPlot: uplot, 'Chart.js': chartjs, ECharts: echarts },
  FakeCollector,
})
