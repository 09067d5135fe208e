/**
 * Puts Parquet files of the same columns one after the other into one: their row groups are copied as they are, and only
 * the footer is new. It costs what copying costs, where reading and writing the rows anew would cost a hundred times more.
 *
 *   PAR1 | groups of A | groups of B | … | footer | its length | PAR1
 */
import { type FileHandle, open } from 'node:fs/promises'
import { type Footer, joinFooters, readFooter } from './footer.js'

const MAGIC = Buffer.from('PAR1')
const COPY_BYTES = 1024 * 1024

/** Rows of the new file, which must not exist; it is not flushed. Undefined where the files' columns differ. */
export async function concatParquet(inputs: readonly string[], target: string): Promise<number | undefined> {
  const out = await open(target, 'wx', 0o600)
  try {
    await out.write(MAGIC)
    let at = MAGIC.length
    let groups = 0
    const footers: Footer[] = []
    for (const path of inputs) {
      const input = await open(path, 'r')
      try {
        const { bytes, start } = await footerOf(input)
        const footer = readFooter(bytes, at - MAGIC.length, groups)
        if (footers.length > 0 && !Buffer.from(footer.schema).equals(footers[0]!.schema)) return undefined
        footers.push(footer)
        await copy(input, MAGIC.length, start, out)
        at += start - MAGIC.length
        groups += footer.groups
      } finally {
        await input.close()
      }
    }
    const footer = joinFooters(footers)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    await out.write(footer)
    await out.write(length)
    await out.write(MAGIC)
    return footers.reduce((rows, { rows: more }) => rows + more, 0)
  } finally {
    await out.close()
  }
}

/** The footer, and where it begins. */
async function footerOf(input: FileHandle): Promise<{ bytes: Buffer; start: number }> {
  const { size } = await input.stat()
  const tail = await readAt(input, Math.max(0, size - 8), 8)
  const length = tail.readUInt32LE(0)
  const start = size - 8 - length
  if (!tail.subarray(4).equals(MAGIC) || start < MAGIC.length) throw new Error('not a Parquet file')
  return { bytes: await readAt(input, start, length), start }
}

async function copy(input: FileHandle, from: number, to: number, out: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, to - from))
  for (let at = from; at < to; ) {
    const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, to - at), at)
    if (bytesRead === 0) throw new Error('the file is shorter than it was')
    await out.writeFile(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

async function readAt(input: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await input.read(buffer, 0, length, position)
  if (bytesRead < length) throw new Error('the file is shorter than it was')
  return buffer
}
