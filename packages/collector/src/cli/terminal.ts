/** What commands write for people: results on stdout, progress on stderr where somebody looks. */

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A remark beside the result; it goes to stderr, so that a program that reads the result never sees it. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`)
}

export interface ProgressBar {
  /** Redraws at most ten times a second. */
  update(done: number, total: number, note?: string): void
  /** Wipes the line. */
  clear(): void
}

const barWidth = 24
const redrawMs = 100

/** A bar on stderr where that is a terminal; elsewhere it stays silent. */
export function progressBar(label: string): ProgressBar {
  const { stderr } = process
  if (stderr.isTTY !== true) return { update() {}, clear() {} }
  let drawnMs = 0
  return {
    update(done, total, note = '') {
      const nowMs = Date.now()
      if (nowMs - drawnMs < redrawMs && done < total) return
      drawnMs = nowMs
      const share = total > 0 ? Math.min(1, done / total) : 1
      const filled = Math.round(share * barWidth)
      const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
      stderr.write(`\r\x1b[2K${label} ${bar} ${Math.floor(share * 100)}% ${note}`.slice(0, stderr.columns + 6))
    },
    clear() {
      stderr.write('\r\x1b[2K')
    },
  }
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
