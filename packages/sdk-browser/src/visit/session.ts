/**
 * Sessions: a visit ends after half an hour without activity, in whichever tab. Tabs share it by `localStorage`; midnight,
 * reloads and further tabs go on with it.
 */

export interface Session {
  id: string
  /** The session before this one, in this browser. */
  previous: string | undefined
  /** Time of the last activity, Unix ms. */
  lastMs: number
}

/** How long the copy in memory is trusted, and how seldom activity is written down. */
const freshMs = 1000
const writeMs = 5000

export interface Sessions {
  /** The session now. `active`: somebody is there, so an old session ends and a new one begins. */
  current(active: boolean): Session
  /** Writes down what is only in memory, as when consent came. */
  save(): void
  clear(): void
}

/**
 * `key`: the entry of `localStorage`; `stores` is asked each time whether it may be touched. `onChange` hears of each
 * session that this page begins, or finds.
 */
export function createSessions(
  key: string,
  stores: () => boolean,
  idleMs: number,
  freshId: () => string,
  onChange: (session: Session, isNew: boolean) => void,
): Sessions {
  let session: Session | undefined
  let readMs = 0
  let writtenMs = 0

  /** Storage may be barred or full; then it is as if empty. */
  function guarded<T>(use: (storage: Storage) => T): T | undefined {
    try {
      return use(localStorage)
    } catch {
      return undefined
    }
  }

  function read(nowMs: number): void {
    if (!stores() || nowMs - readMs < freshMs) return
    readMs = nowMs
    const stored = guarded((storage): Session => JSON.parse(storage.getItem(key) ?? ''))
    if (!stored || !(stored.lastMs <= nowMs)) return
    // Another tab may have been active since, or have begun a session.
    if (stored.id !== session?.id) {
      session = stored
      onChange(session, false)
    } else session.lastMs = Math.max(session.lastMs, stored.lastMs)
  }

  function save(): void {
    writtenMs = Date.now()
    if (stores()) guarded((storage) => storage.setItem(key, JSON.stringify(session)))
  }

  return {
    current(active) {
      const nowMs = Date.now()
      read(nowMs)
      if (!session || (active && nowMs - session.lastMs >= idleMs)) {
        session = { id: freshId(), previous: session?.id, lastMs: nowMs }
        save()
        onChange(session, true)
      } else if (active) {
        session.lastMs = nowMs
        if (nowMs - writtenMs > writeMs) save()
      }
      return session
    },
    save,
    clear: () => guarded((storage) => storage.removeItem(key)),
  }
}
