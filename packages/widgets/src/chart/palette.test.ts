/** The palette's promises: contrast with the surfaces, and colours that stay apart under colour blindness. */
import { expect, test } from 'vitest'
import { seriesColors } from './palette.js'

type Rgb = [number, number, number]

const toRgb = (hex: string): Rgb => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255) as Rgb
const toLinear = (rgb: Rgb): Rgb => rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as Rgb
const apply = (matrix: number[][], v: Rgb): Rgb =>
  matrix.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as Rgb

/** Machado, Oliveira and Fernandes 2009, severity 1. */
const deficiencies = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

function oklab(linear: Rgb): Rgb {
  const [l, m, s] = apply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    linear.map((c) => Math.max(0, c)) as Rgb,
  ).map(Math.cbrt)
  return apply(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [l, m, s],
  )
}

function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r, g, blue] = toLinear(toRgb(hex))
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue
  }
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

test.each([
  ['light', '#ffffff'],
  ['dark', '#16181d'],
] as const)('%s colours stand out from the surface by 3:1', (theme, surface) => {
  for (const color of seriesColors) expect(contrast(color[theme], surface)).toBeGreaterThanOrEqual(3)
})

test.each(['light', 'dark'] as const)('%s colours stay apart, whoever looks', (theme) => {
  for (const [name, matrix] of Object.entries(deficiencies)) {
    const seen = seriesColors.map((color) => oklab(apply(matrix, toLinear(toRgb(color[theme])))))
    for (let i = 0; i < seen.length; i++) {
      for (let j = 0; j < i; j++) {
        const distance = Math.hypot(...seen[i].map((c, k) => c - seen[j][k]))
        expect(distance, `${name}: ${i + 1} and ${j + 1}`).toBeGreaterThan(0.06)
      }
    }
  }
})
