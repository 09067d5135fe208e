/** One at a time: a lock between processes, so that two terminals never install or build into the same folders. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cachePath } from './cache.mjs'
import { say } from './terminal.mjs'

const pollMs = 200

/** Runs `work` while this process holds the named lock; waits for whoever holds it, and takes it from the dead. */
export async function withLock(name, work) {
  const path = cachePath(`${name}.lock`)
  mkdirSync(dirname(path), { recursive: true })
  let said = false
  while (!tryAcquire(path)) {
    const holder = readHolder(path)
    if (holder !== null && !isAlive(holder)) {
      rmSync(path, { force: true })
      continue
    }
    if (!said) say(`  Waiting for process ${holder ?? '?'}, which is busy with the same step`)
    said = true
    await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function tryAcquire(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function readHolder(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || null
  } catch {
    return null
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
