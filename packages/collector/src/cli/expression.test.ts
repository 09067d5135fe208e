import { describe, expect, it } from 'vitest'
import { readExpression, withFilters } from './expression.js'

describe('refusals point at the place', () => {
  it.each([
    ['', 0, 'a number, a name or ('],
    ['p42(a)', 0, 'an aggregation'],
    ['sum(a) /', 8, 'a number, a name or ('],
    ['(sum(a) + 1', 11, ')'],
    ['abs(sum(a), 1)', 10, ')'],
    ['least(sum(a))', 12, ','],
    [`${'-'.repeat(60)}1`, 50, 'less nesting'],
    ['avg(', 4, 'the name of a metric'],
    ['avg(a', 5, ')'],
    ['avg(a) by', 9, '('],
    ['avg(a) by ()', 11, 'the name of a tag'],
    ['avg(a) per (b)', 7, 'an operator, by (…)'],
    ['avg(a) by (b) x', 14, 'the end'],
    ['avg(a{b})', 7, '=, != or ^='],
    ['avg(a{b=c})', 8, 'a value in quotes'],
    ['avg(a{b="c})', 8, 'the closing quote'],
    ['avg(a{b="c",b="d"})', 12, 'another tag'],
    ['quantile(2, a)', 9, 'a number from 0 to 1'],
    ['quantile(0.5 a)', 13, ','],
  ])('%s', (text, at, expected) => {
    expect(() => readExpression(text)).toThrowError(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(new RegExp(`^expected ${escaped(expected)}[^]*\\n {${at}}\\^$`)),
      }),
    )
  })
})

it('reads metric, aggregation, groups and filters', () => {
  expect(readExpression('p95(task.execution.duration) by (task.type)')).toEqual({
    metric_name: 'task.execution.duration',
    aggregation: 'p95',
    group_by: ['task.type'],
    filters: {},
  })
  expect(
    readExpression(` rate ( "odd metric" { status = "ok" , queue != 'a"b', host ^= "eu\\"-" } ) by ( a,'b c' ) `),
  ).toEqual({
    metric_name: 'odd metric',
    aggregation: 'rate',
    group_by: ['a', 'b c'],
    filters: { status: 'ok', queue: { not: 'a"b' }, host: { prefix: 'eu"-' } },
  })
  expect(readExpression('quantile(0.97, a.b{})')).toMatchObject({ aggregation: { quantile: 0.97 }, filters: {} })
})

it('reads formulas: one query for each different metric, aggregation and condition', () => {
  expect(readExpression('sum(jobs.failed{queue="mail"}) / sum(jobs.done) * 100 - -sum(jobs.done) by (host)')).toEqual({
    formula: '(((q1 / q2) * 100) - (-q2))',
    queries: [
      { id: 'q1', metric_name: 'jobs.failed', aggregation: 'sum', filters: { queue: 'mail' } },
      { id: 'q2', metric_name: 'jobs.done', aggregation: 'sum', filters: {} },
    ],
    group_by: ['host'],
  })
  expect(readExpression('greatest(p50(a-b/c), 2e3)')).toMatchObject({
    formula: 'greatest(q1, 2000)',
    queries: [{ metric_name: 'a-b/c' }],
  })
  expect(readExpression('checkout.rate by (host)')).toEqual({
    metric_name: 'checkout.rate',
    group_by: ['host'],
    filters: {},
  })
  expect(() => readExpression('a / b')).toThrow('say how a is aggregated')
})

it('adds filters to each query', () => {
  const { queries } = withFilters(readExpression('sum(a{x="1"}) / sum(b)'), ['host=h']) as { queries: unknown[] }
  expect(queries).toMatchObject([{ filters: { x: '1', host: 'h' } }, { filters: { host: 'h' } }])
  expect(() => withFilters(readExpression('sum(a{x="1"}) / sum(b)'), ['x=h'])).toThrow('has a condition already')
})

function escaped(text: string): string {
  return text.replace(/[()^!=,…]/g, '\\$&')
}
