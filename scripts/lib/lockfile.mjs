/**
 * Whether package-lock.json holds for the next machine: no address that something was fetched from, and every package that
 * another platform needs. npm leaves out optional packages that its registry lacked, and then `npm ci` refuses the file.
 */

/** @returns {string[]} What is wrong, in words; empty when all is well. */
export function lockfileProblems(lock) {
  const addresses = Object.values(lock.packages).filter(({ resolved }) => /^https?:/.test(resolved ?? '')).length
  const problems = absentOptionals(lock).map(({ name, by }) => `${name}, an optional package of ${by}, is missing`)
  if (addresses > 0)
    problems.unshift(`it holds ${addresses} download addresses; .npmrc says omit-lockfile-registry-resolved`)
  return problems
}

/** Adds what is missing. Its integrity is unknown here, so npm trusts the registry of whoever installs it. */
export function completeLockfile(lock) {
  const packages = { ...lock.packages }
  for (const { name, version, by } of absentOptionals(lock)) {
    const { dev } = lock.packages[by]
    packages[`node_modules/${name}`] = { version, ...(dev ? { dev } : {}), optional: true, ...platformOf(name) }
  }
  const sorted = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries(sorted.map((path) => [path, packages[path]])) }
}

/** Native packages name their platform: `rollup-linux-x64-musl`, `cli-win32-arm64`. */
export function platformOf(name) {
  const match = /-(android|darwin|freebsd|linux|openbsd|openharmony|win32)-([a-z0-9]+)(?:-([a-z0-9]+))?$/.exec(name)
  if (!match) return {}
  const [, os, cpu, abi = ''] = match
  const libc = os === 'linux' && abi !== '' ? { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] } : {}
  return { os: [os], cpu: [cpu], ...libc }
}

function absentOptionals({ packages }) {
  return Object.entries(packages).flatMap(([by, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isReachable(packages, by, name))
      .map(([name, version]) => ({ by, name, version })),
  )
}

/** Looks where Node would: beside the package, then in each folder above. */
function isReachable(packages, from, name) {
  for (let path = from; ; path = path.slice(0, path.lastIndexOf('/node_modules/'))) {
    if (packages[`${path}/node_modules/${name}`]) return true
    if (!path.includes('/node_modules/')) return Boolean(packages[`node_modules/${name}`])
  }
}
