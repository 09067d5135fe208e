/** Brings the journal's entries back into the hot rows when a folder is opened; what cannot come back is set aside. */
import type { Journal } from '../journal/index.js'
import type { HotRows } from './hot.js'
import type { Log } from './options.js'
import { POISON_DEATHS, ReplayMark, type SeqRange } from './replay-mark.js'
import type { JournalEntry, OpenedStore, Replay } from './store.js'

export interface ReplayParts {
  journal: Journal
  hot: HotRows
  replay: Replay
  dataDir: string
  known: OpenedStore
  log: Log
}

export async function replayJournal({ journal, hot, replay, dataDir, known, log }: ReplayParts): Promise<void> {
  const began = performance.now()
  const mark = ReplayMark.open(dataDir)
  let entries = 0
  // One block travels to DuckDB while the next chunk is decoded.
  let flushing = Promise.resolve()
  const flush = (range: SeqRange, whole = false) => {
    mark.flushing(range)
    flushing = (whole ? hot.flush() : hot.flushAhead()).then(() => mark.flushed())
    // Whoever awaits it next hears of it.
    flushing.catch(() => {})
  }
  const settle = async () => {
    await flushing
    if (hot.flushedSeq < hot.addedSeq) flush({ from: hot.flushedSeq + 1, to: hot.addedSeq }, true)
    await flushing
  }
  const take = async (chunk: JournalEntry[], alone: boolean) => {
    // Nobody else's rows may be on their way while a suspect is looked at.
    if (alone) await settle()
    mark.decoding({ from: chunk[0]!.seq, to: chunk.at(-1)!.seq })
    const columns = await replay(chunk, known)
    mark.decoded()
    for (const [i, { seq, project, payload }] of chunk.entries()) {
      const rows = columns[i]
      if (rows === null || rows === undefined) {
        journal.setAside(seq, 'it cannot be read')
        continue
      }
      if (!hot.add(seq, project, rows, payload.length)) continue
      await flushing
      flush({ from: hot.flushedSeq + 1, to: seq })
    }
    if (alone) await settle()
  }
  try {
    const suspects = judge(mark, journal, log)
    for (const chunk of journal.replay(suspects)) {
      await take(chunk, suspects !== undefined && chunk[0]!.seq >= suspects.from && chunk[0]!.seq <= suspects.to)
      entries += chunk.length
    }
    await flushing
  } catch (error) {
    await flushing.catch(() => {})
    mark.release()
    throw error
  }
  mark.clear()
  if (entries === 0) return
  log('info', 'replayed the journal', { entries, rows: hot.rows, tookMs: Math.round(performance.now() - began) })
}

/** Which entries must go one by one, because the last replay died among them; one that was alone too often goes aside. */
function judge(mark: ReplayMark, journal: Journal, log: Log): SeqRange | undefined {
  const { suspects } = mark
  if (suspects === undefined) return undefined
  log('warn', 'the last start died while it replayed the journal; these entries are replayed one by one', {
    ...suspects,
  })
  if (suspects.from < suspects.to) return suspects
  const deaths = mark.countDeath(suspects.from)
  if (deaths < POISON_DEATHS) return suspects
  journal.setAside(suspects.from, `replaying it has ended the process ${deaths} times`)
  return undefined
}
