import type { TaskRun } from '@telltale/protocol/api'
import { expect, test, vi } from 'vitest'
import { page as browser, userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { TaskTable } from './task-table.component.js'

const page = usePage()

function run(n: number, overrides: Partial<TaskRun> = {}): TaskRun {
  const endMs = Date.now() - n * 10_000
  return {
    task_id: `task-${n}`,
    task_type: 'email.send',
    start_time: new Date(endMs - 100 * (n + 1)).toISOString(),
    end_time: new Date(endMs).toISOString(),
    duration_ms: 100 * (n + 1),
    status: 'ok',
    cpu_usage_percent: null,
    cpu_time_ms: 12,
    cpu_method: 'exclusive',
    memory_usage_mb: null,
    queue_wait_ms: null,
    error_type: null,
    error_message: null,
    attempt: 1,
    parent_id: null,
    trace_id: null,
    context: {},
    steps: [],
    ...overrides,
  }
}
const rows = (table: TaskTable) => all(table, '.run').map((row) => row.textContent!.replace(/\s+/g, ' ').trim())

async function shown(attributes: Record<string, string> = {}, count = 5): Promise<TaskTable> {
  page.collector.tasks = Array.from({ length: count }, (_, i) => run(i))
  const table = page.show('task-table', attributes)
  await until(() => all(table, '.run').length === count)
  return table
}

test('loading, then the latest runs, newest first', async () => {
  page.collector.tasks = [run(2), run(0), run(1)]
  const table = page.show('task-table')
  await table.updateComplete
  expect(find(table, '[role=status]')).not.toBeNull()
  await until(() => rows(table).length === 3)
  expect(rows(table)[0]).toMatch(/^email.send OK 100 ms/)
  expect(text(table, '.footer')).toBe('3 of 3 Live')
  await expectAccessible(table)
})

test('what is searched and filtered for is asked of the collector, for news too', async () => {
  page.collector.tasks = [
    run(0, { error_message: 'mailbox full', status: 'error', context: { 'org.id': 'acme' } }),
    run(1, { error_message: 'mailbox full', status: 'error' }),
    run(2),
  ]
  const table = page.show('task-table', { search: 'mailbox', filters: 'org.id=acme' })
  await until(() => rows(table).length === 1)
  page.collector.addTask(run(-1, { task_id: 'unlike' }))
  page.collector.addTask(run(-1, { task_id: 'alike', error_message: 'mailbox full', context: { 'org.id': 'acme' } }))
  await until(() => rows(table).length === 2)
  table.search = 'nothing like it'
  await until(() => text(table, '[part=empty]') !== '')
})

test('a run is opened by its id, in the list or above it', async () => {
  page.collector.tasks = [run(0), run(1), run(99_999, { task_id: 'old' })]
  const table = page.show('task-table', { run: 'task-1' })
  await until(() => all(table, '.detail').length === 1)
  expect(text(table, '.detail')).toContain('task-1')
  table.run = 'old'
  await until(() => rows(table).length === 3)
  expect(text(table, '.run.open ~ tr .detail')).toContain('old')
  const closed: string[] = []
  table.addEventListener('task-close', (event) => closed.push(event.detail.task_id))
  all(table, '.opener')[0].click()
  await until(() => closed.length === 1)
  table.run = 'nobody'
  await until(() => rows(table).length === 3)
})

test('runs arrive as they are stored; what the filters leave out does not', async () => {
  const table = await shown({ status: 'ok' })
  await until(() => text(table, '.footer').endsWith('Live'))
  page.collector.addTask(run(-1, { task_id: 'new', task_type: 'invoice.render', duration_ms: 50 }))
  page.collector.addTask(run(-1, { task_id: 'failed', status: 'error' }))
  await until(() => rows(table)[0].startsWith('invoice.render'))
  expect(rows(table)).toHaveLength(6)
})

test('the limit holds while runs arrive', async () => {
  const table = await shown({ limit: '5' })
  for (let i = 0; i < 20; i++) page.collector.addTask(run(-1, { task_id: `n${i}` }))
  await until(() => rows(table)[0].startsWith('email.send'))
  expect(rows(table)).toHaveLength(5)
})

test('a row opens to its failure, figures, context and steps', async () => {
  page.collector.tasks = [
    run(0, {
      status: 'error',
      error_type: 'SmtpError',
      error_message: '421 try later',
      attempt: 3,
      context: { queue: 'mail' },
      steps: [{ name: 'rendered', offset_ms: 40 }],
    }),
  ]
  const table = page.show('task-table')
  await until(() => rows(table).length === 1)
  let selected = ''
  table.addEventListener('task-select', (event) => (selected = event.detail.task_id))
  await userEvent.click(find(table, '.run .status')!)
  await until(() => find(table, '.detail'))
  expect(selected).toBe('task-0')
  expect(text(table, '.detail')).toMatch(/SmtpError 421 try later.*task-0.*queuemail.*Timeline .*rendered40\s?ms/)
  expect(find(table, '.opener')!.getAttribute('aria-expanded')).toBe('true')
  await expectAccessible(table)
})

test('a run shows its children along its own time, and opens them; a child names its parent', async () => {
  page.collector.tasks = [
    run(0, { task_id: 'p', task_type: 'order.ship', duration_ms: 900, queue_wait_ms: 100 }),
    run(0, { task_id: 'c', task_type: 'label.print', parent_id: 'p', duration_ms: 300, status: 'error' }),
  ]
  const table = page.show('task-table')
  await until(() => rows(table).length === 2)
  const opener = (type: string) => all(table, '.opener').find((each) => each.textContent!.includes(type))!
  await userEvent.click(opener('order.ship'))
  await until(() => find(table, '.steps .child.failed'))
  expect(text(table, '.steps')).toMatch(/Waited100.*order\.ship900.*label\.print300/)
  await userEvent.click(find(table, '.steps .relative')!)
  await until(() => all(table, '.detail').length === 2)
  expect(table.shadowRoot!.activeElement).toBe(opener('label.print'))
  expect(find(table, 'dd .relative')!.textContent).toBe('order.ship')
  await expectAccessible(table)
})

test('children that the list leaves out are asked for, and can be opened all the same', async () => {
  page.collector.tasks = [
    run(0, { task_id: 'p', task_type: 'order.ship', duration_ms: 900 }),
    run(0, { task_id: 'c', task_type: 'label.print', parent_id: 'p', duration_ms: 300 }),
    run(0, { task_id: 'x', task_type: 'label.print', parent_id: 'another' }),
  ]
  const table = page.show('task-table', { 'task-type': 'order.ship' })
  await until(() => rows(table).length === 1)
  await userEvent.click(find(table, '.opener')!)
  await until(() => all(table, '.steps .child').length === 1)
  expect(text(table, '.steps')).toMatch(/order\.ship900.*label\.print300/)
  await userEvent.click(find(table, '.steps .relative')!)
  await until(() => all(table, '.detail').length === 2)
  expect(rows(table)[0]).toMatch(/^label\.print/)
  await expectAccessible(table)
})

test('rows hold still while one is open, and say how many are newer', async () => {
  const table = await shown()
  await userEvent.click(find(table, '.run .status')!)
  page.collector.addTask(run(-1, { task_id: 'new', task_type: 'invoice.render' }))
  await until(() => text(table, '.footer').endsWith('Paused while you read, 1 newer'))
  expect(rows(table)).toHaveLength(5)
  await userEvent.click(find(table, '.run .status')!)
  await userEvent.hover(find(table, 'h3')!)
  await until(() => rows(table)[0].startsWith('invoice.render'))
})

test('keys walk the rows and open them', async () => {
  const table = await shown()
  all(table, '.opener')[0].focus()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}{Enter}')
  await until(() => find(table, '.detail'))
  expect(all(table, '.opener')[1].getAttribute('aria-expanded')).toBe('true')
})

test('the collector sorts by duration, both ways', async () => {
  const table = await shown({ limit: '3' }, 3)
  page.collector.tasks = Array.from({ length: 9 }, (_, i) => run(i))
  await userEvent.click(find(table, 'th.duration button')!)
  await until(() => rows(table)[0]?.includes('900 ms'))
  expect(find(table, 'th.duration')!.getAttribute('aria-sort')).toBe('descending')
  await userEvent.click(find(table, 'th.duration button')!)
  await until(() => rows(table)[0]?.includes('100 ms'))
})

test('while it is hidden it asks nothing; seen again it catches up', async () => {
  const sent = vi.spyOn(globalThis, 'fetch')
  const asked = () => sent.mock.calls.filter(([url]) => String(url).endsWith('/tasks/query')).length
  page.collector.tasks = [run(0)]
  const table = page.show('task-table', { hidden: '', interval: '1s' })
  const other = page.show('task-table', { limit: '7' })
  await until(() => rows(other).length === 1)
  expect(asked()).toBe(1)
  table.hidden = false
  await until(() => rows(table).length === 1)
  table.hidden = true
  await until(() => table.offsetParent === null)
  // The observer tells in a later frame; what comes after that does not reach the table.
  await new Promise((resolve) => setTimeout(resolve, 200))
  page.collector.addTask(run(-1, { task_id: 'new' }))
  await until(() => rows(other).length === 2)
  expect(rows(table)).toHaveLength(1)
  table.hidden = false
  await until(() => rows(table).length === 2)
  sent.mockRestore()
})

test('without the channel it polls', async () => {
  page.collector.refusesTasksChannel = true
  const table = await shown({ interval: '1s' })
  await until(() => text(table, '.footer').endsWith('Polling'))
  page.collector.tasks.unshift(run(-1, { task_id: 'new', task_type: 'invoice.render' }))
  await until(() => rows(table)[0].startsWith('invoice.render'))
})

test('empty says how to send; empty under filters says that', async () => {
  const table = page.show('task-table')
  await until(() => text(table, '.state').includes('withTaskMetrics'))
  await expectAccessible(table)
  const filtered = page.show('task-table', { status: 'timeout' })
  await until(() => text(filtered, '.state').includes('filters'))
})

test('attributes that make no sense say so', async () => {
  const table = page.show('task-table', { status: 'fine' })
  await until(() => text(table, '.state').includes('status="fine"'))
})

test('a lost collector leaves the rows, says so, and what was missed is fetched', async () => {
  const table = await shown({ interval: '1s' })
  page.collector.stop()
  await until(() => text(table, '.badge').startsWith('No connection'))
  expect(rows(table)).toHaveLength(5)
  await expectAccessible(table)
  page.collector.tasks.unshift(run(-1, { task_id: 'missed', task_type: 'invoice.render' }))
  page.collector.start()
  await until(() => !find(table, '.badge') && rows(table)[0].startsWith('invoice.render'))
})

test('a refused token is an error with a button', async () => {
  page.collector.token = 'other'
  const table = page.show('task-table')
  await until(() => text(table, '.state').includes('token is not known'))
  await expectAccessible(table)
  page.collector.token = 'secret'
  await userEvent.click(find(table, '.action')!)
  await until(() => find(table, 'table') ?? find(table, '[part=empty]'))
})

test('fits 390 and 320 pixels without scrolling sideways', async () => {
  const table = await shown()
  await userEvent.click(find(table, '.run .status')!)
  for (const width of [390, 320]) {
    await browser.viewport(width, 800)
    await table.updateComplete
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(width)
    const card = find(table, '.card')!
    expect(card.scrollWidth).toBeLessThanOrEqual(card.clientWidth)
  }
  await expectAccessible(table)
  await browser.viewport(900, 700)
})
