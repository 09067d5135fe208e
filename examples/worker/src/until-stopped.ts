/** Resolves at SIGINT or SIGTERM, or when the process that started us is gone: nobody would stop us then. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const parent = process.ppid
    const timer = setInterval(() => process.ppid !== parent && stop(), 2000)
    const stop = () => {
      clearInterval(timer)
      resolve()
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  })
}
