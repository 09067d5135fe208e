/** What an opened run shows: its failure, its figures, its context, and its steps along its duration. */
import type { TaskRun } from '@telltale/protocol/api'
import { html, nothing, type TemplateResult } from 'lit'
import { formatValue } from '../../format/unit.js'
import { messages } from '../shared/messages.js'

export function runDetail(run: TaskRun): TemplateResult {
  const context = Object.entries(run.context)
  return html`
    ${run.error_message || run.error_type ? html`<p class="failure"><b>${run.error_type}</b> ${run.error_message}</p>` : nothing}
    <dl class="facts">
      ${fact(messages.runId, html`<code>${run.task_id}</code>`)} ${fact(messages.attempt, run.attempt)}
      ${run.queue_wait_ms === null ? nothing : fact(messages.wait, formatValue(run.queue_wait_ms, 'ms'))}
      ${run.cpu_time_ms === null ? nothing : fact(`${messages.cpu} (${run.cpu_method})`, formatValue(run.cpu_time_ms, 'ms'))}
      ${run.memory_usage_mb === null ? nothing : fact(messages.memory, formatValue(run.memory_usage_mb, 'MB'))}
      ${context.map(([name, value]) => fact(name, String(value)))}
    </dl>
    ${run.steps.length > 0 ? steps(run) : nothing}
  `
}

function fact(name: string, value: unknown): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

/** Each step's bar runs from the step before to the moment at which it was reached. */
function steps(run: TaskRun): TemplateResult {
  const totalMs = Math.max(run.duration_ms, ...run.steps.map((step) => step.offset_ms)) || 1
  const percent = (ms: number) => `${((ms / totalMs) * 100).toFixed(2)}%`
  return html`<h4>${messages.steps}</h4>
    <ol class="steps">
      ${run.steps.map(({ name, offset_ms: offsetMs }, i) => {
        const fromMs = i === 0 ? 0 : run.steps[i - 1].offset_ms
        return html`<li>
          <span>${name}</span>${bar(percent(fromMs), percent(Math.max(0, offsetMs - fromMs)))}<b>${formatValue(offsetMs, 'ms')}</b>
        </li>`
      })}
    </ol>`
}

/** In SVG, because its lengths are attributes: a strict content policy forbids inline style. */
export function bar(start: string, length: string): TemplateResult {
  return html`<svg class="bar" aria-hidden="true"><rect x=${start} width=${length} height="100%" rx="2.5"></rect></svg>`
}
