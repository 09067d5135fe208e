/** The collector's log: JSON lines where a program reads them, short coloured lines on a terminal. */
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './config.js'

export type { Logger }

export interface LogOptions {
  level: LogLevel
  /** Is somebody looking? Default: whether stdout is a terminal. */
  terminal?: boolean
}

export function createLog({ level, terminal = process.stdout.isTTY === true }: LogOptions): Logger {
  const options = {
    level,
    base: undefined,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    // A second guard: no code logs a credential, and a header that slipped into a field stays hidden.
    redact: ['authorization', 'headers.authorization', 'req.headers.authorization', 'key', 'token'],
  }
  // Synchronous in both cases: lines stay in order with what the command prints itself, and none is lost at an exit.
  if (!terminal) return pino(options, pino.destination({ fd: 1, sync: true }))
  return pino(options, pretty({ sync: true, colorize: true, singleLine: true, translateTime: 'SYS:HH:MM:ss' }))
}
