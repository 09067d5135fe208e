import { expect, test } from 'vitest'
import { parseFilters } from '../shared/query-attributes.js'
import { attributesOf, type Choice, tagText } from './choice.js'

const choice: Choice = {
  metric: 'task.execution.duration',
  aggregation: 'p95',
  groupBy: ['task.type'],
  filters: { status: 'ok' },
  range: '1h',
  view: 'line',
}

test('the tag to paste says what is seen, and no more', () => {
  expect(tagText(choice)).toBe(
    '<metric-chart metric="task.execution.duration" aggregation="p95" group-by="task.type" filters="status=ok" range="1h"></metric-chart>',
  )
  expect(tagText({ ...choice, view: 'stacked', filters: {} })).toContain('range="1h" type="stacked"')
  expect(tagText({ ...choice, view: 'gauge' })).not.toContain('group-by')
  expect(tagText({ ...choice, view: 'table' })).toContain(
    '<metric-table metric="task.execution.duration" aggregations="p95"',
  )
})

test('filters survive their writing, and no value can leave its attribute', () => {
  const filters = { 'a b': 'x,y="<script>', c: 'd' }
  const written = Object.fromEntries(attributesOf({ ...choice, filters })).filters
  expect(parseFilters(written)).toEqual(filters)
  const text = tagText({ ...choice, filters })
  expect(text).not.toContain('<script>')
  expect(text.match(/"/g)!.length % 2).toBe(0)
})
