/** A sheet as a JSON array of objects, one a row. */
import { localTime } from './local-time.js'
import type { Sheet } from './sheet.js'

export async function* jsonOf({ columns, batches, timeZone }: Sheet): AsyncGenerator<string> {
  const time = localTime(timeZone)
  const names = columns.map(({ name }) => JSON.stringify(name))
  let separator = ''
  yield '['
  for await (const rows of batches) {
    let text = ''
    for (const row of rows) {
      const cells = row.map((cell, i) => {
        const value = columns[i].type === 'time' && cell !== null ? time(cell as number) : cell
        return `${names[i]}:${JSON.stringify(value)}`
      })
      text += `${separator}{${cells.join(',')}}`
      separator = ',\n'
    }
    if (text !== '') yield text
  }
  yield ']\n'
}
