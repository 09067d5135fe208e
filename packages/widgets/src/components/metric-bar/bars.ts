/** The two layouts of bars. Lengths are attributes of SVG rectangles, because a strict policy forbids inline style. */
import { html, svg, type TemplateResult } from 'lit'
import type { Stack } from '../../chart/categories.js'
import { valueTicks } from '../../chart/ticks.js'
import { axisFormatter, formatValue } from '../../format/unit.js'

export interface BarsInput {
  stacks: readonly Stack[]
  unit: string
  active: number
  point: (index: number) => void
  choose: (index: number) => void
}

const columnShare = 0.64
const maxTicks = 4
/** With more columns, values above them would run into each other. */
const maxValueLabels = 8

/** A row a bar: its name, its length, its value. */
export function rowsView({ stacks, unit, active, point, choose }: BarsInput): TemplateResult {
  const { low, high } = extentOf(stacks)
  const span = high - low || 1
  return html`<div class="rows">
    ${stacks.map(
      (stack, i) => html`<div
        class="row ${i === active ? 'active' : ''}"
        @pointerenter=${() => point(i)}
        @click=${() => choose(i)}
      >
        <span class="label">${stack.category.label}</span>
        <svg class="track hit" aria-hidden="true">
          ${spans(stack).map(
            ({ from, to, className }) =>
              svg`<rect class="mark ${className}" x=${percent((from - low) / span)} width=${percent((to - from) / span)} height="100%" rx="3"></rect>`,
          )}
        </svg>
        <b>${formatValue(stack.category.value, unit)}</b>
      </div>`,
    )}
  </div>`
}

/** A column a bar, on a value axis whose ends are ticks, so that its labels stand at equal distances. */
export function columnsView({ stacks, unit, active, point, choose }: BarsInput): TemplateResult {
  const extent = extentOf(stacks)
  const ticks = fullTicks(extent.low, extent.high)
  const low = ticks[0]
  const high = ticks[ticks.length - 1]
  const yOf = (value: number) => 1 - (value - low) / (high - low || 1)
  const { format } = axisFormatter(unit, Math.max(Math.abs(low), Math.abs(high)))
  const width = 1 / Math.max(1, stacks.length)
  const showsValues = stacks.length <= maxValueLabels
  return html`<div class="axis" aria-hidden="true">${[...ticks].reverse().map((tick) => html`<span>${format(tick)}</span>`)}</div>
    <div class="field">
      <svg class="drawing" aria-hidden="true">
        ${ticks.map((tick) => svg`<line class=${tick === 0 ? 'zero' : 'grid'} x1="0" x2="100%" y1=${percent(yOf(tick))} y2=${percent(yOf(tick))}></line>`)}
        ${stacks.map((stack, i) => {
          const left = (i + (1 - columnShare) / 2) * width
          const top = Math.min(...spans(stack).map(({ to }) => yOf(to)))
          return svg`${spans(stack).map(
            ({ from, to, className }) =>
              svg`<rect class="mark ${className} ${active >= 0 && i !== active ? 'dim' : ''}" x=${percent(left)} width=${percent(width * columnShare)} y=${percent(yOf(to))} height=${percent(yOf(from) - yOf(to))} rx="3"></rect>`,
          )}${
            showsValues
              ? svg`<text class="amount" x=${percent((i + 0.5) * width)} y=${percent(top)} dy="-6" text-anchor="middle">${formatValue(stack.category.value, unit)}</text>`
              : ''
          }`
        })}
      </svg>
      <div class="columns">
        ${stacks.map((_, i) => html`<div class="hit" @pointerenter=${() => point(i)} @click=${() => choose(i)}></div>`)}
      </div>
    </div>
    <div class="names">${stacks.map(({ category }, i) => html`<span class=${i === active ? 'active' : ''} title=${category.label}>${breakable(category.label)}</span>`)}</div>`
}

interface Span {
  from: number
  to: number
  className: string
}

/** Parts one after another, positive ones up from zero and negative ones down. */
function spans({ category, parts }: Stack): Span[] {
  let up = 0
  let down = 0
  return parts.map(({ layer, value }) => {
    const className = category.isRest && parts.length === 1 ? 'rest' : layer.color < 0 ? 'plain' : `s${layer.color}`
    if (value >= 0) {
      up += value
      return { from: up - value, to: up, className }
    }
    down += value
    return { from: down, to: down - value, className }
  })
}

function extentOf(stacks: readonly Stack[]): { low: number; high: number } {
  const edges = stacks.flatMap((stack) => spans(stack).flatMap(({ from, to }) => [from, to]))
  return { low: Math.min(0, ...edges), high: Math.max(0, ...edges) }
}

/** Round ticks that reach beyond both ends. */
function fullTicks(low: number, high: number): number[] {
  if (low === high) return [0, 1]
  const ticks = valueTicks(low, high, maxTicks)
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : high - low
  const first = low < ticks[0] - step * 1e-6 ? ticks[0] - step : ticks[0]
  const count = Math.ceil((high - first) / step - 1e-6)
  return Array.from({ length: count + 1 }, (_, i) => Number((first + i * step).toPrecision(12)))
}

/** Names such as `email.send` may go on to a second line after a dot. */
function breakable(label: string): string {
  return label.replace(/[._/:-](?=\w)/g, '$&\u200b')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`
}
