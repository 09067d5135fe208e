/** Two runs beside each other: what differs in their figures, their context and their steps. */
import { html, nothing, type TemplateResult } from 'lit'
import { change, milliseconds } from './change.js'

export interface Run {
  task_id: string
  task_type: string
  start_time: string
  duration_ms: number
  status: string
  cpu_time_ms: number | null
  memory_usage_mb: number | null
  queue_wait_ms: number | null
  error_type: string | null
  error_message: string | null
  attempt: number
  context: Record<string, string | number | boolean>
  steps: { name: string; offset_ms: number }[]
}

const megabytes = (value: number) =>
  new Intl.NumberFormat('en', { style: 'unit', unit: 'megabyte', maximumSignificantDigits: 3 }).format(value)

export function runsView(a: Run, b: Run, close: () => void): TemplateResult {
  const keys = [...new Set([...Object.keys(a.context), ...Object.keys(b.context)])].sort()
  const steps = [...new Set([...a.steps, ...b.steps].map(({ name }) => name))]
  return html`<section class="compare" aria-label="Two runs compared">
    <div class="page-head"><h2>Two runs compared</h2><button class="quiet" @click=${close}>Close</button></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Runs"><table class="list">
      <thead><tr><th scope="col"></th>${[a, b].map((run) => html`<th scope="col">${run.task_type}<small><code>${run.task_id}</code></small></th>`)}</tr></thead>
      <tbody>
        ${texts('Started', new Date(a.start_time).toLocaleString('en'), new Date(b.start_time).toLocaleString('en'))}
        ${texts('Status', a.status, b.status)}
        ${numbers('Duration', a.duration_ms, b.duration_ms, milliseconds)}
        ${numbers('Wait', a.queue_wait_ms, b.queue_wait_ms, milliseconds)}
        ${numbers('CPU', a.cpu_time_ms, b.cpu_time_ms, milliseconds)}
        ${numbers('Memory', a.memory_usage_mb, b.memory_usage_mb, megabytes)}
        ${texts('Attempt', String(a.attempt), String(b.attempt))}
        ${texts('Error', failure(a), failure(b))}
        ${steps.map((name) => numbers(`Step ${name}`, stepMs(a, name), stepMs(b, name), milliseconds))}
        ${keys.map((key) => texts(key, String(a.context[key] ?? ''), String(b.context[key] ?? '')))}
      </tbody>
    </table></div>
  </section>`
}

function texts(name: string, a: string, b: string): TemplateResult | typeof nothing {
  if (a === '' && b === '') return nothing
  return html`<tr class=${a === b ? '' : 'differs'}><th scope="row">${name}</th><td>${a || '–'}</td><td>${b || '–'}</td></tr>`
}

function numbers(
  name: string,
  a: number | null,
  b: number | null,
  format: (value: number) => string,
): TemplateResult | typeof nothing {
  if (a === null && b === null) return nothing
  return html`<tr><th scope="row">${name}</th><td>${a === null ? '–' : format(a)}</td><td>${a === null ? (b === null ? '–' : format(b)) : change(b, a, format, 'down')}</td></tr>`
}

function failure({ error_type: type, error_message: message }: Run): string {
  return [type, message].filter((text) => text !== null && text !== '').join(': ')
}

/** From the step before to the moment at which this one was reached. */
function stepMs({ steps }: Run, name: string): number | null {
  const at = steps.findIndex((step) => step.name === name)
  return at < 0 ? null : steps[at]!.offset_ms - (steps[at - 1]?.offset_ms ?? 0)
}
