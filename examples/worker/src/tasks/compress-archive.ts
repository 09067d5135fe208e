/** `archive.compress`: gzips a log file in chunks, and stops between two of them when it is told to. */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { JobType } from '../queue.js'
import { pick } from '../random.js'

export interface ArchiveInput {
  lines: number
}

const messages = ['request completed', 'cache miss', 'retrying upstream', 'session renewed', 'job finished'] as const

export const compressArchive: JobType<ArchiveInput> = {
  type: 'archive.compress',
  timeoutMs: 3000,
  maxAttempts: 2,
  async run({ lines }, { signal, task }) {
    let rawBytes = 0
    let packedBytes = 0
    const source = Readable.from(
      (function* () {
        for (let line = 0; line < lines; line += 200) {
          const chunk = logLines(line, Math.min(200, lines - line))
          rawBytes += chunk.length
          yield chunk
        }
      })(),
    )
    task.step('opened')
    await pipeline(
      source,
      createGzip({ level: 5 }),
      async (packed) => {
        for await (const chunk of packed) packedBytes += (chunk as Buffer).length
      },
      { signal },
    )
    task.step('compressed')
    task.set('archive.bytes', rawBytes)
    task.set('archive.ratio', Math.round((packedBytes / rawBytes) * 1000) / 1000)
  },
}

function logLines(from: number, count: number): string {
  let text = ''
  for (let i = from; i < from + count; i++) {
    text += `{"level":"info","request":${i * 7919},"ms":${(Math.random() * 90).toFixed(1)},"msg":"${pick(messages)}"}\n`
  }
  return text
}
