/** A disk of a few MiB, for tests that fill it: a tmpfs, where this process may mount one. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class SmallDisk {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Undefined where mounting is not allowed. */
  static mount(mebibytes: number): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'telltale-disk-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', path], { stdio: 'ignore' })
      return new SmallDisk(path)
    } catch {
      rmSync(path, { recursive: true })
      return undefined
    }
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path)
    return bavail * bsize
  }

  /** Something else takes all but so many bytes. */
  fill(leaveBytes: number): void {
    const bytes = this.freeBytes - leaveBytes
    if (bytes > 0) writeFileSync(join(this.path, 'somebody-elses'), Buffer.alloc(bytes))
  }

  /** … and gives them back. */
  free(): void {
    truncateSync(join(this.path, 'somebody-elses'))
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.path])
    rmSync(this.path, { recursive: true, force: true })
  }
}
