/** `sales.aggregate`: reads a CSV export and sums it up by country and product. */
import type { JobType } from '../queue.js'
import { chance, pick } from '../random.js'

export interface SalesInput {
  rows: number
}

export class ParseError extends Error {
  override readonly name = 'ParseError'
}

const countries = ['DE', 'FR', 'IT', 'NL', 'PL', 'ES', 'SE'] as const
const products = ['lamp', 'chair', 'desk', 'shelf', 'sofa'] as const

export const aggregateSales: JobType<SalesInput> = {
  type: 'sales.aggregate',
  timeoutMs: 2500,
  maxAttempts: 2,
  run({ rows }, { task, signal }) {
    const csv = exportCsv(rows)
    task.step('exported')
    const totals = sumUp(csv, signal)
    task.step('summed')
    task.set('sales.rows', rows)
    task.set('sales.groups', totals.size)
  },
}

function exportCsv(rows: number): string {
  const lines = ['country,product,quantity,price']
  for (let i = 0; i < rows; i++) {
    lines.push(`${pick(countries)},${pick(products)},${1 + (i % 4)},${(9 + (i % 97) * 3.1).toFixed(2)}`)
  }
  // Now and then an export is cut short, as files from elsewhere are.
  if (chance(0.04)) lines[lines.length >> 1] = 'DE,lamp'
  return lines.join('\n')
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
