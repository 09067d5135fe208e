/** What an opened run shows: its failure, its figures, its context, and along its duration its wait, its steps and its children. */
import type { TaskRun } from '@telltale/protocol/api'
import { html, nothing, type TemplateResult } from 'lit'
import { formatDateTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { messages } from '../shared/messages.js'

/** Runs that belong to a run: of the list, and those that were asked for when it was opened. */
export interface Relatives {
  parent: TaskRun | undefined
  children: readonly TaskRun[]
  /** Opens another run by its id. */
  open: (id: string) => void
}

export function relativesOf(
  run: TaskRun,
  runs: readonly TaskRun[],
  asked: readonly TaskRun[],
  open: Relatives['open'],
): Relatives {
  const known = new Map([...asked, ...runs].map((each) => [`${each.task_id} ${each.start_time}`, each]))
  return {
    parent: run.parent_id === null ? undefined : runs.find(({ task_id: id }) => id === run.parent_id),
    children: [...known.values()]
      .filter(({ parent_id: id }) => id === run.task_id)
      .sort((a, b) => Date.parse(a.start_time) - Date.parse(b.start_time)),
    open,
  }
}

export function runDetail(run: TaskRun, relatives: Relatives): TemplateResult {
  const context = Object.entries(run.context)
  return html`
    ${run.error_message || run.error_type ? html`<p class="failure"><b>${run.error_type}</b> ${run.error_message}</p>` : nothing}
    <dl class="facts">
      ${fact(messages.runId, html`<code>${run.task_id}</code>`)} ${fact(messages.attempt, run.attempt)}
      ${run.parent_id === null ? nothing : fact(messages.parent, parentOf(run, relatives))}
      ${fact(messages.started, formatDateTime(Date.parse(run.start_time)))}
      ${run.queue_wait_ms === null ? nothing : fact(messages.wait, formatValue(run.queue_wait_ms, 'ms'))}
      ${run.cpu_time_ms === null ? nothing : fact(`${messages.cpu} (${run.cpu_method})`, formatValue(run.cpu_time_ms, 'ms'))}
      ${run.memory_usage_mb === null ? nothing : fact(messages.memory, formatValue(run.memory_usage_mb, 'MB'))}
      ${context.map(([name, value]) => fact(name, String(value)))}
    </dl>
    ${timeline(run, relatives)}
  `
}

function parentOf({ parent_id: id }: TaskRun, { parent, open }: Relatives): TemplateResult {
  return html`<button class="relative" @click=${() => open(id!)}>${parent ? parent.task_type : html`<code>${id}</code>`}</button>`
}

function fact(name: string, value: unknown): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`
}

/**
 * One scale for all: from when the run was handed in to when it, or the last of its children, ended. A step's bar runs from
 * the step before to the moment at which it was reached.
 */
function timeline(run: TaskRun, { children, open }: Relatives): TemplateResult | typeof nothing {
  if (run.steps.length === 0 && children.length === 0) return nothing
  const startMs = Date.parse(run.start_time)
  const waitMs = run.queue_wait_ms ?? 0
  const childOffset = (child: TaskRun) => Date.parse(child.start_time) - startMs
  const ends = [
    run.duration_ms,
    ...run.steps.map((step) => step.offset_ms),
    ...children.map((child) => childOffset(child) + child.duration_ms),
  ]
  const totalMs = waitMs + Math.max(...ends) || 1
  const percent = (ms: number) => `${((ms / totalMs) * 100).toFixed(2)}%`
  const line = (name: unknown, fromMs: number, lengthMs: number, kind = '') =>
    html`<li class=${kind}><span>${name}</span>${bar(percent(waitMs + fromMs), percent(Math.max(0, lengthMs)))}<b>${formatValue(lengthMs, 'ms')}</b></li>`
  return html`<h4>${messages.timeline}</h4>
    <ol class="steps">
      ${waitMs > 0 ? line(messages.wait, -waitMs, waitMs, 'quiet') : nothing}
      ${line(run.task_type, 0, run.duration_ms, 'whole')}
      ${run.steps.map(({ name, offset_ms: offsetMs }, i) => {
        const fromMs = i === 0 ? 0 : run.steps[i - 1].offset_ms
        return line(name, fromMs, offsetMs - fromMs)
      })}
      ${children.map((child) =>
        line(
          html`<button class="relative" @click=${() => open(child.task_id)}>${child.task_type}</button>`,
          childOffset(child),
          child.duration_ms,
          child.status === 'ok' ? 'child' : 'child failed',
        ),
      )}
    </ol>`
}

/** In SVG, because its lengths are attributes: a strict content policy forbids inline style. */
export function bar(start: string, length: string): TemplateResult {
  return html`<svg class="bar" aria-hidden="true"><rect x=${start} width=${length} height="100%" rx="2.5"></rect></svg>`
}
