/** What the store says of itself, for `/metrics` and the settings page: gathered from its parts, cheap enough for every scrape. */
import type { Journal } from '../journal/index.js'
import type { FullDisk } from './full-disk.js'
import type { HotRows } from './hot.js'
import type { Maintenance } from './maintenance.js'
import type { SealLoop } from './seal-loop.js'
import type { Segments, SegmentTotals } from './segments.js'
import type { StoreStats } from './store.js'
import { isRawTable } from './tables.js'

export interface StatsSources {
  hot: HotRows
  journal: Journal
  segments: Segments
  seals: SealLoop
  maintenance: Maintenance
  fullDisk: FullDisk
}

export function statsOf({ hot, journal, segments, seals, maintenance, fullDisk }: StatsSources): StoreStats {
  const totals = [...segments.totals()].map(([table, ofTable]) => ({ table, ...ofTable }))
  const sumOf = (list: typeof totals, pick: (of: SegmentTotals) => number) => list.reduce((n, of) => n + pick(of), 0)
  return {
    seq: hot.addedSeq,
    journalBytes: hot.bytes,
    journalBatches: hot.batches,
    hotRows: hot.rows,
    segments: sumOf(totals, (of) => of.segments),
    segmentBytes: sumOf(totals, (of) => of.bytes),
    segmentRows: sumOf(
      totals.filter(({ table }) => isRawTable(table)),
      (of) => of.rows,
    ),
    tables: totals,
    sealsTotal: seals.total,
    sealSecondsTotal: seals.seconds,
    lastSealMs: seals.lastMs,
    damagedSegments: segments.damaged,
    damagedEntries: journal.damaged,
    diskFull: fullDisk.isFull,
    compactionsTotal: maintenance.compaction.total,
    compactionSecondsTotal: maintenance.compaction.seconds,
    retentionFilesTotal: maintenance.retention.files,
    retentionRewritesTotal: maintenance.retention.rewrites,
  }
}
