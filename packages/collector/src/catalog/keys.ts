/** API keys as text: made from 256 random bits, kept only as their SHA-256. */
import { hash, randomBytes } from 'node:crypto'
import type { Scope } from '@telltale/protocol/api'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Fixed width, so that keys of one kind have one length: 32 bytes are 43 digits. */
export function base62(bytes: Uint8Array): string {
  const digits = Math.ceil((bytes.length * 8) / Math.log2(62))
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let i = 0; i < digits; i++) {
    text = alphabet[Number(rest % 62n)] + text
    rest /= 62n
  }
  return text
}

/**
 * `tt_<scope>_…` for servers, which keep it secret. `pk_…` is a publishable ingest key: it may stand in a page and in
 * `?key=`, because all that it can do is add data.
 */
export function newSecret(scope: Scope | 'view' | 'demo', publishable = false): string {
  return `${publishable ? 'pk' : `tt_${scope}`}_${base62(randomBytes(32))}`
}

export function newKeyId(): string {
  return `key_${base62(randomBytes(9))}`
}

/**
 * What the catalog stores and looks up. A lookup by hash needs no constant-time comparison: an attacker who learns how
 * much of a hash agreed learns nothing about the key, and 256 random bits need no slow hash.
 */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex')
}
