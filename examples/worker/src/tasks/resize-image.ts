/** `image.resize`: fetches a picture, scales it down by averaging areas, and packs it. Mostly CPU on the main thread. */

import { promisify } from 'node:util'
import { deflateRaw } from 'node:zlib'
import { get } from '../http.js'
import type { JobType } from '../queue.js'

const deflate = promisify(deflateRaw)

const maxWidth = 900

export interface ImageInput {
  /** Where the original is. */
  url: string
  /** Width of the result; the height follows. */
  targetWidth: number
}

export class UnsupportedFormatError extends Error {
  override readonly name = 'UnsupportedFormatError'
}

export const resizeImage: JobType<ImageInput> = {
  type: 'image.resize',
  timeoutMs: 2000,
  maxAttempts: 2,
  async run({ url, targetWidth }, { signal, task }) {
    const { width, height } = JSON.parse(await get(url, signal)) as { width: number; height: number }
    task.step('fetched')
    task.set('image.width', width)
    if (width > maxWidth)
      throw new UnsupportedFormatError(`${width} pixels are wider than the ${maxWidth} that we take`)
    const pixels = render(width, height)
    task.step('decoded')
    const small = downscale(pixels, width, height, targetWidth)
    task.step('scaled')
    signal.throwIfAborted()
    const packed = await deflate(small, { level: 4 })
    task.step('packed')
    task.set('image.bytes', packed.byteLength)
  },
}

/** Stands in for a decoder: a gradient with rings, so that there is something to pack. */
export function render(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 4)
  let at = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels[at++] = (x * 255) / width
      pixels[at++] = (y * 255) / height
      pixels[at++] = ((x - width / 2) ** 2 + (y - height / 2) ** 2) >> 6
      pixels[at++] = 255
    }
  }
  return pixels
}

/** Each pixel of the result is the mean of the area that it covers. */
export function downscale(pixels: Uint8Array, width: number, height: number, targetWidth: number): Uint8Array {
  const scale = width / targetWidth
  const targetHeight = Math.max(1, Math.round(height / scale))
  const small = new Uint8Array(targetWidth * targetHeight * 4)
  for (let ty = 0; ty < targetHeight; ty++) {
    const top = Math.floor(ty * scale)
    const bottom = Math.min(height, Math.max(top + 1, Math.floor((ty + 1) * scale)))
    for (let tx = 0; tx < targetWidth; tx++) {
      const left = Math.floor(tx * scale)
      const right = Math.min(width, Math.max(left + 1, Math.floor((tx + 1) * scale)))
      const area = (bottom - top) * (right - left)
      const out = (ty * targetWidth + tx) * 4
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) sum += pixels[(y * width + x) * 4 + channel]
        }
        small[out + channel] = sum / area
      }
    }
  }
  return small
}
