/** What the task table says, in English. */
import { en } from './en.js'

export const tasks = {
  emptyTasks: 'No task run yet. Wrap a task with the SDK:',
  noTaskMatches: 'No run matches these filters.',
  task: 'Task',
  duration: 'Duration',
  started: 'Started',
  attempt: 'Attempt',
  error: 'Error',
  recentTasks: 'Recent task runs',
  ofTotal: (shown: string, total: string) => `${shown} of ${total}`,
  runId: 'Run',
  cpu: 'CPU time',
  memory: 'Memory',
  wait: 'Waited',
  timeline: 'Timeline',
  parent: 'Started by',
  live: 'Live',
  polling: 'Polling',
  paused: (newer: number) => `Paused while you read${newer > 0 ? `, ${newer} newer` : ''}`,
  statusNames: { ok: 'OK', error: 'Error', timeout: 'Timeout', cancelled: 'Cancelled' },
}

Object.assign(en, tasks)
