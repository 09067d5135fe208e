/**
 * After an error nobody knows at first whether a change of the manifest was made: COMMIT may report a failure of what is
 * stored all the same, and what comes after it may fail. The database is asked before anything is tried again; hot rows
 * and segments then follow what it says, in one turn, so that no row is lost and none is seen or sealed twice.
 */
import type { Journal } from '../journal/index.js'
import type { Generation, HotRows } from './hot.js'
import type { Segment, Segments } from './segments.js'

export interface ManifestFollowerParts {
  journal: Journal
  hot: HotRows
  segments: Segments
  /** Called with a generation that has turned out to be sealed. */
  onSealed: (generation: Generation) => void
  /** Called with files that no new read will see. */
  unlink: (files: readonly Segment[]) => void
}

export class ManifestFollower {
  readonly #parts: ManifestFollowerParts
  #isInDoubt = false

  constructor(parts: ManifestFollowerParts) {
    this.#parts = parts
  }

  /** To be called after each error of what changes the manifest. */
  doubt(): void {
    this.#isInDoubt = true
    try {
      this.settle()
    } catch {
      // The disk still fails: the next try begins with the question.
    }
  }

  /** To be called before each change. Throws while the database gives no answer. */
  settle(): void {
    if (!this.#isInDoubt) return
    const { journal, hot, segments, onSealed, unlink } = this.#parts
    const { sealedSeq, segments: named } = journal.readBack()
    const gone = segments.follow(named)
    for (const generation of hot.closed) if (generation.lastSeq <= sealedSeq) onSealed(generation)
    this.#isInDoubt = false
    unlink(gone)
  }
}
