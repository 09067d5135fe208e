import { expect, test } from 'vitest'
import { Viewport } from './viewport.js'

const hour = 3_600_000
let nowMs = 10 * hour
const viewport = () =>
  new Viewport(
    () => ({ startMs: nowMs - hour, endMs: nowMs }),
    () => nowMs,
  )

test('untouched it moves with time', () => {
  const view = viewport()
  nowMs += 5000
  expect(view.window.endMs).toBe(nowMs)
  expect(view.reset()).toBe(false)
})

test('a zoom keeps the time under the pointer in its place', () => {
  const view = viewport()
  const about = nowMs - hour / 4
  expect(view.zoom(0.5, about)).toBe(true)
  const { startMs, endMs } = view.window
  expect(endMs - startMs).toBe(hour / 2)
  expect((about - startMs) / (endMs - startMs)).toBeCloseTo(0.75)
})

test('it ends at a second, at the range, and at now', () => {
  const view = viewport()
  expect(view.zoom(2, nowMs - 1000)).toBe(false)
  expect(view.pan(1000)).toBe(false)
  expect(view.zoom(1e-9, nowMs - hour / 2)).toBe(true)
  expect(view.window.endMs - view.window.startMs).toBe(1000)
  expect(view.zoom(0.5, nowMs - hour / 2)).toBe(false)
})

test('panned into the past it stays there; back at now it moves again', () => {
  const view = viewport()
  expect(view.pan(-2 * hour)).toBe(true)
  expect(view.span).toEqual({ startMs: nowMs - 3 * hour, endMs: nowMs - 2 * hour })
  expect(view.zoom(3, nowMs - 3 * hour)).toBe(false)
  expect(view.pan(5 * hour)).toBe(true)
  expect(view.span).toBeNull()
})

test('a selection, and back', () => {
  const view = viewport()
  expect(view.select(nowMs - 600_000, nowMs - 300_000)).toBe(true)
  expect(view.window.endMs - view.window.startMs).toBe(300_000)
  expect(view.reset()).toBe(true)
})
