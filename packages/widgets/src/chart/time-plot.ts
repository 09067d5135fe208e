/**
 * A time chart on a canvas: uPlot behind an interface of our own. It is told data, window, colours and size, and tells
 * where the cursor is, what was dragged and what was clicked. It knows nothing of tags, sockets or the collector.
 */
import uPlot from 'uplot'
import { formatTick } from '../format/time.js'
import { axisFormatter } from '../format/unit.js'
import type { ChartData, ChartType } from './model.js'
import { isStacked } from './model.js'
import { barPaths, type Frame, linePaths, scatterPaths } from './paths.js'
import { valueRange } from './scale.js'

export interface PlotColors {
  series: readonly string[]
  muted: string
  grid: string
  surface: string
  font: string
}

export interface PlotCursor {
  /** Index of the bucket, into the data's columns. */
  index: number
  /** In CSS pixels, from the plotting area's top left corner. */
  left: number
  top: number
}

export interface PlotListener {
  cursor(cursor: PlotCursor | null): void
  zoom(startMs: number, endMs: number): void
  reset(): void
  click(cursor: PlotCursor): void
}

export interface PlotStyle {
  type: ChartType
  unit: string
  colors: PlotColors
}

const lineWidthPx = 1.75
/** Below this a drag is a click with an unsteady hand. */
const minDragPx = 6

export class TimePlot {
  readonly #plot: uPlot
  readonly #style: PlotStyle
  readonly #hidden: ReadonlySet<string>
  #data: ChartData

  constructor(
    target: HTMLElement,
    data: ChartData,
    hidden: ReadonlySet<string>,
    style: PlotStyle,
    size: { width: number; height: number },
    listener: PlotListener,
  ) {
    this.#data = data
    this.#hidden = hidden
    this.#style = style
    this.#plot = new uPlot(this.#options(size, listener), this.#columns(), target)
    this.#plot.over.addEventListener('pointermove', (event) => this.#touch(event))
    this.#plot.over.addEventListener('pointerdown', (event) => this.#touch(event))
  }

  /** Where pointers act on the plot, for placing what belongs beside it. */
  get area(): HTMLElement {
    return this.#plot.over
  }

  /** New buckets of the same series. */
  setData(data: ChartData, startMs: number, endMs: number): void {
    this.#data = data
    this.#plot.batch(() => {
      this.#plot.setData(this.#columns(), false)
      this.#plot.setScale('x', { min: startMs, max: endMs })
    })
  }

  setWindow(startMs: number, endMs: number): void {
    this.#plot.setScale('x', { min: startMs, max: endMs })
  }

  /** Shows and hides series as the set that was given says now. */
  syncHidden(): void {
    this.#plot.batch(() => {
      this.#data.series.forEach((series, i) => {
        const show = !this.#hidden.has(series.key)
        if (this.#plot.series[i + 1].show !== show) this.#plot.setSeries(i + 1, { show })
      })
    })
  }

  setSize(width: number, height: number): void {
    this.#plot.setSize({ width, height })
  }

  /** Puts the cursor on a bucket, as a pointer would; null takes it away. */
  setCursor(index: number | null): void {
    if (index === null) return this.#plot.setCursor({ left: -10, top: -10 })
    const left = this.#plot.valToPos(this.#data.timesMs[index], 'x')
    this.#plot.setCursor({ left, top: this.#plot.over.clientHeight / 3 })
  }

  /** Where a value stands, in CSS pixels from the top of the plotting area. */
  topOf(value: number): number {
    return this.#plot.valToPos(value, 'y')
  }

  /** Width of the plotting area in device pixels: how finely a moving window can be told apart. */
  get devicePixels(): number {
    return this.#plot.bbox.width || 1
  }

  destroy(): void {
    this.#plot.destroy()
  }

  #columns(): uPlot.AlignedData {
    return [this.#data.timesMs, ...this.#data.tops] as uPlot.AlignedData
  }

  #options(size: { width: number; height: number }, listener: PlotListener): uPlot.Options {
    const { colors, type, unit } = this.#style
    const font = `11px ${colors.font}`
    const axis = { stroke: colors.muted, font, ticks: { show: false }, border: { show: false } }
    return {
      ...size,
      ms: 1,
      padding: [8, 4, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, auto: false, range: (_, min, max) => [min, max] },
        y: {
          range: (_, min, max) =>
            valueRange(min, max, {
              zeroBased: type !== 'line' && type !== 'scatter',
              ceiling: unit === 'ratio' ? 1 : unit === 'percent' || unit === '%' ? 100 : undefined,
            }),
        },
      },
      axes: [
        {
          ...axis,
          size: 24,
          gap: 6,
          space: 72,
          grid: { show: false },
          values: (plot, splits, _axis, _space, increment) =>
            // A label that would be cut off at the edge is left out.
            splits.map((split) => (isNearEdge(plot, split) ? null : formatTick(split, increment))),
        },
        {
          ...axis,
          gap: 8,
          space: 36,
          size: (plot, labels) => axisWidth(plot, labels, font),
          grid: { stroke: colors.grid, width: 1 },
          values: (plot, splits) => {
            const { min, max } = plot.scales.y
            const { format } = axisFormatter(unit, Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0)))
            return splits.map(format)
          },
        },
      ],
      series: [{}, ...this.#data.series.map((series, i) => this.#series(series.color, i))],
      cursor: {
        y: false,
        drag: { x: true, y: false, dist: minDragPx, setScale: false },
        points: { size: 8, width: 2, fill: colors.surface, stroke: (_, i) => this.#color(i - 1) },
        dataIdx: (_, seriesIndex, index) => this.#nearest(seriesIndex - 1, index),
        bind: { dblclick: () => () => (listener.reset(), null) },
        // A CSS scale on an ancestor makes client pixels differ from layout pixels.
        move: (plot, left, top) => {
          const ratio = plot.over.offsetWidth / plot.rect.width || 1
          return [left * ratio, top * ratio]
        },
      },
      hooks: {
        setCursor: [
          (plot) => {
            const { left = -1, top = -1, idx } = plot.cursor
            listener.cursor(left < 0 || idx == null ? null : { index: idx, left, top })
          },
        ],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            if (width < minDragPx) return
            listener.zoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
          },
        ],
        ready: [
          (plot) => {
            plot.over.addEventListener('click', () => {
              const { left = -1, top = -1, idx } = plot.cursor
              if (left >= 0 && idx != null) listener.click({ index: idx, left, top })
            })
          },
        ],
      },
    }
  }

  #series(color: number, i: number): uPlot.Series {
    const { type } = this.#style
    const stroke = this.#style.colors.series[color]
    return {
      show: !this.#hidden.has(this.#data.series[i].key),
      stroke,
      width: lineWidthPx,
      cap: 'round',
      points: { show: false },
      paths: (plot, seriesIndex, from, to) => ({
        ...this.#paths(plot, seriesIndex - 1, from, to),
        clip: null,
        flags: 1,
      }),
      ...(type === 'line' ? {} : { fill: (plot: uPlot) => fillOf(plot, stroke, type) }),
    }
  }

  #color(i: number): string {
    const series = this.#data.series[i]
    return series ? this.#style.colors.series[series.color] : 'transparent'
  }

  #paths(plot: uPlot, i: number, from: number, to: number): { stroke: Path2D | null; fill: Path2D | null } {
    const { type } = this.#style
    const { timesMs, tops, bases, gapMs, stepMs } = this.#data
    const frame = frameOf(plot)
    const input = { times: timesMs, values: tops[i], base: bases[i], from, to, gapMs: gapMs[i] }
    if (type === 'bar') return barPaths(input, frame, stepMs)
    if (type === 'scatter') return scatterPaths(input, frame, 2.5 * devicePixelRatio)
    return linePaths(input, frame, type === 'area' || isStacked(type))
  }

  /** The point that a series shows for a bucket: its own, or the nearest before it that is no gap away. */
  #nearest(series: number, index: number): number | null {
    const column = this.#data.tops[series]
    if (column === undefined) return index
    const { timesMs, gapMs } = this.#data
    for (let i = index; i >= 0 && timesMs[index] - timesMs[i] <= gapMs[series]; i--)
      if (column[i] === column[i]) return i
    return null
  }

  /** uPlot hears the mouse alone: a finger moves the cursor through pointer events, and scrolls the page up and down. */
  #touch(event: PointerEvent): void {
    if (event.pointerType === 'mouse') return
    const { left, top } = this.#plot.over.getBoundingClientRect()
    this.#plot.setCursor({ left: event.clientX - left, top: event.clientY - top })
  }
}

function frameOf(plot: uPlot): Frame {
  const { left, top, width, height } = plot.bbox
  const { x, y } = plot.scales
  return {
    minX: x.min!,
    pxPerX: width / (x.max! - x.min!),
    left,
    minY: y.min!,
    pxPerY: height / (y.max! - y.min!),
    bottom: top + height,
  }
}

function isNearEdge(plot: uPlot, timeMs: number): boolean {
  const { min, max } = plot.scales.x
  const fromEdge = Math.min(timeMs - min!, max! - timeMs) / (max! - min!)
  return fromEdge * (plot.bbox.width / devicePixelRatio) < 26
}

/** As wide as the widest label, in steps, so that a moving scale does not shake the plot. */
function axisWidth(plot: uPlot, labels: readonly string[] | null, font: string): number {
  if (!labels || labels.length === 0) return 40
  plot.ctx.save()
  plot.ctx.font = font
  const widest = Math.max(...labels.map((label) => plot.ctx.measureText(label).width))
  plot.ctx.restore()
  return Math.max(40, Math.ceil((widest + 16) / 8) * 8)
}

function fillOf(plot: uPlot, color: string, type: ChartType): CanvasGradient | string {
  if (type === 'bar' || type === 'scatter') return color
  const mix = (percent: number) => `color-mix(in srgb, ${color} ${percent}%, transparent)`
  if (type === 'stacked') return mix(38)
  const { top, height } = plot.bbox
  if (!Number.isFinite(top + height)) return mix(12)
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height)
  gradient.addColorStop(0, mix(26))
  gradient.addColorStop(1, mix(2))
  return gradient
}
