/** Languages: complete, in force only while they should be, and loaded when they are needed. */
import { expect, test } from 'vitest'
import { formatNumber } from '../format/number.js'
import { de } from './de.js'
import { en } from './en.js'
import './en-explore.js'
import './en-export.js'
import './en-values.js'
import './en-pick.js'
import './en-tasks.js'
import { ja } from './ja.js'
import { addMessages, inLanguage, loadMessages, messages } from './messages.js'

function shape(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]))
  }
  return typeof value === 'function' ? `function of ${value.length}` : typeof value
}

test.each([
  ['de', de],
  ['ja', ja],
])('%s says everything that English says', (_, language) => {
  const { errors: _own, ...said } = language
  const { errors: _english, ...wanted } = en
  expect(shape(said)).toEqual(shape(wanted))
})

test('a language is in force while its tag updates, and not after', async () => {
  expect(inLanguage('de-AT', () => messages.retry)).toBe('Try again')
  await loadMessages('de-AT')
  expect(inLanguage('de-DE', () => [messages.retry, formatNumber(1234.5)])).toEqual(['Noch einmal versuchen', '1.235'])
  expect(messages.retry).toBe('Try again')
  expect(inLanguage('de', () => inLanguage('ja', () => messages.total) + messages.total)).toBe('TotalSumme')
  await loadMessages('ja')
  expect(inLanguage('ja-JP', () => messages.total)).toBe('合計')
})

test('an unknown language is English; a page can bring its own', async () => {
  await loadMessages('xx')
  expect(inLanguage('xx', () => messages.retry)).toBe('Try again')
  addMessages('fr', { retry: 'Réessayer' })
  expect(inLanguage('fr-CA', () => [messages.retry, messages.total])).toEqual(['Réessayer', 'Total'])
})

test('spans of time in words', async () => {
  await loadMessages('de')
  expect(inLanguage('de', () => messages.emptyTitle('15m'))).toBe('Nichts in den letzten 15 Min.')
})
