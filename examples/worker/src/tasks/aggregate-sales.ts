/** `sales.aggregate`: fetches a CSV export and sums it up by country and product. */
import { get } from '../http.js'
import type { JobType } from '../queue.js'

export interface SalesInput {
  /** Where the export is. */
  url: string
}

export class ParseError extends Error {
  override readonly name = 'ParseError'
}

export const aggregateSales: JobType<SalesInput> = {
  type: 'sales.aggregate',
  timeoutMs: 2500,
  maxAttempts: 2,
  async run({ url }, { task, signal }) {
    const csv = await get(url, signal)
    task.step('fetched')
    task.set('sales.bytes', csv.length)
    const totals = sumUp(csv, signal)
    task.step('summed')
    task.set('sales.groups', totals.size)
  },
}

export function sumUp(csv: string, signal: AbortSignal): Map<string, number> {
  const totals = new Map<string, number>()
  const lines = csv.split('\n')
  for (let i = 1; i < lines.length; i++) {
    // A loop that never awaits looks at its signal itself.
    if (i % 1000 === 0) signal.throwIfAborted()
    const fields = lines[i].split(',')
    if (fields.length !== 4) throw new ParseError(`Line ${i + 1} has ${fields.length} fields instead of 4`)
    const key = `${fields[0]}/${fields[1]}`
    totals.set(key, (totals.get(key) ?? 0) + Number(fields[2]) * Number(fields[3]))
  }
  return totals
}
