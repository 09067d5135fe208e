/** Who looks: a session that the collector gives to pages on its own machine, or a read key that somebody typed. */

export type SessionOutcome =
  | { kind: 'viewer'; token: string; project: string }
  | { kind: 'key'; token: string }
  | { kind: 'none' }

const storageKey = 'telltale.key'

/** Throws where the collector does not answer; `none` means that it wants a key. */
export async function findSession(): Promise<SessionOutcome> {
  const response = await fetch('/app/session', { headers: { accept: 'application/json' } })
  if (response.ok) {
    const { token, project } = (await response.json()) as { token: string; project: string }
    return { kind: 'viewer', token, project }
  }
  if (response.status !== 403) throw new Error(`GET /app/session answered ${response.status}`)
  const key = storedKey()
  return key ? { kind: 'key', token: key } : { kind: 'none' }
}

export type KeyCheck = { ok: true } | { ok: false; message: string }

/** Asks for something that every read key may see; says in words what is wrong with a key that is not one. */
export async function checkKey(key: string): Promise<KeyCheck> {
  if (key === '') return { ok: false, message: 'Paste a read key; it starts with tt_read_.' }
  // A header takes printable ASCII alone: anything else was never a key.
  if (!/^[\x21-\x7e]+$/.test(key))
    return { ok: false, message: 'This is not a key: it has spaces or other characters.' }
  let response: Response
  try {
    response = await fetch('/api/v1/metrics', { headers: { authorization: `Bearer ${key}` } })
  } catch {
    return { ok: false, message: 'The collector does not answer. Try again in a moment.' }
  }
  if (response.ok) return { ok: true }
  if (response.status === 401) return { ok: false, message: 'The collector does not know this key, or it was revoked.' }
  if (response.status === 403) return { ok: false, message: 'This key may not read. Make one with --scope read.' }
  return { ok: false, message: `The collector answered ${response.status}. Try again in a moment.` }
}

/** Where a browser forbids storage, a key lives until the next reload. */
let heldKey: string | null = null

/** For this tab alone. */
export function storeKey(key: string): void {
  heldKey = key
  try {
    sessionStorage.setItem(storageKey, key)
  } catch {}
}

export function forgetKey(): void {
  heldKey = null
  try {
    sessionStorage.removeItem(storageKey)
  } catch {}
}

function storedKey(): string | null {
  try {
    return sessionStorage.getItem(storageKey) ?? heldKey
  } catch {
    return heldKey
  }
}
