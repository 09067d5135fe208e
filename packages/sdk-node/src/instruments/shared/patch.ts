/** Puts a method of ours in front of one of an object, and takes it away again. */

type Method<T, K extends keyof T> = Extract<T[K], (...args: never[]) => unknown>

/**
 * `wrap` gets the method that the object has now. The result puts it back: an own property as it was, an inherited one by
 * removing ours. Where somebody has wrapped ours meanwhile, theirs stays, and ours only passes on.
 */
export function patch<T extends object, K extends keyof T & string>(
  object: T,
  name: K,
  wrap: (original: Method<T, K>, isActive: () => boolean) => Method<T, K>,
): () => void {
  const own = Object.getOwnPropertyDescriptor(object, name)
  const original = object[name] as Method<T, K>
  let active = true
  const ours = wrap(original, () => active)
  Object.defineProperty(object, name, {
    value: ours,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  })
  return () => {
    active = false
    if (object[name] !== ours) return
    if (own === undefined) delete object[name]
    else Object.defineProperty(object, name, own)
  }
}
