import { describe, expect, it } from 'vitest'
import { parseExpression } from './expression.js'

describe('refusals point at the place', () => {
  it.each([
    ['', 0, 'an aggregation'],
    ['task.duration', 0, 'an aggregation'],
    ['p42(a)', 0, 'an aggregation'],
    ['avg', 3, '('],
    ['avg(', 4, 'the name of a metric'],
    ['avg(a', 5, ')'],
    ['avg(a) by', 9, '('],
    ['avg(a) by ()', 11, 'the name of a tag'],
    ['avg(a) per (b)', 7, 'by (…)'],
    ['avg(a) by (b) x', 14, 'the end'],
    ['avg(a{b})', 7, '=, != or ^='],
    ['avg(a{b=c})', 8, 'a value in quotes'],
    ['avg(a{b="c})', 8, 'the closing quote'],
    ['avg(a{b="c",b="d"})', 12, 'another tag'],
    ['quantile(2, a)', 9, 'a number from 0 to 1'],
    ['quantile(0.5 a)', 13, ','],
  ])('%s', (text, at, expected) => {
    expect(() => parseExpression(text)).toThrowError(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringMatching(new RegExp(`^expected ${escaped(expected)}[^]*\\n {${at}}\\^$`)),
      }),
    )
  })
})

it('reads metric, aggregation, groups and filters', () => {
  expect(parseExpression('p95(task.execution.duration) by (task.type)')).toEqual({
    metric_name: 'task.execution.duration',
    aggregation: 'p95',
    group_by: ['task.type'],
    filters: {},
  })
  expect(
    parseExpression(` rate ( "odd metric" { status = "ok" , queue != 'a"b', host ^= "eu\\"-" } ) by ( a,'b c' ) `),
  ).toEqual({
    metric_name: 'odd metric',
    aggregation: 'rate',
    group_by: ['a', 'b c'],
    filters: { status: 'ok', queue: { not: 'a"b' }, host: { prefix: 'eu"-' } },
  })
  expect(parseExpression('quantile(0.97, a.b{})')).toMatchObject({ aggregation: { quantile: 0.97 }, filters: {} })
})

function escaped(text: string): string {
  return text.replace(/[()^!=,]/g, '\\$&')
}
