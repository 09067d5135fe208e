/** `telltale token`: an embed token on the command line, for a trial or for a server in another language. */
import { EmbedTokenRequest } from '@telltale/protocol/api'
import { InvalidArgumentError } from 'commander'
import { defaultProject } from '../config.js'
import { CommandFailure } from './failure.js'
import type { AddCommand, GlobalFlags } from './parts.js'
import { print } from './terminal.js'

interface TokenFlags extends GlobalFlags {
  project: string
  metrics: string[]
  filter: [tag: string, value: string][]
  ttl: string
  maxRange?: string
  dashboard: string[]
  annotations?: boolean
  edit?: boolean
}

export const addToken: AddCommand = (telltale, parts) => {
  const command = telltale.command('token').description('make an embed token, which sees a part of a project')
  command
    .option('--project <name>', 'project', defaultProject)
    .requiredOption(
      '--metrics <pattern…>',
      'what it sees: names, or prefixes such as "task.*"; may be repeated',
      gather,
      [],
    )
    .option(
      '--filter <tag=value>',
      'only rows with this tag; the same tag again allows another value',
      gatherFilter,
      [],
    )
    .option('--ttl <duration>', 'how long it is good for, at most 24h', '15m')
    .option('--max-range <duration>', 'the longest range that it may ask for')
    .option('--dashboard <id>', 'a dashboard that it may read; may be repeated', gather, [])
    .option('--annotations', 'it sees annotations whose tags meet its filters')
    .option('--edit', 'it may also change these dashboards')
    .addHelpText(
      'after',
      `
It works beside a running collector, which takes the token at once. A server of yours asks for one over HTTP:
POST /api/v1/embed-tokens.

Examples:
  telltale token --metrics 'task.*' --filter org.id=acme --ttl 15m
  telltale token --project shop --metrics '*' --max-range 7d --json`,
    )
    .action(async () => {
      const { project, metrics, filter, ttl, maxRange, dashboard, annotations, edit, json, dataDir } =
        command.optsWithGlobals<TokenFlags>()
      const values = new Map<string, string[]>()
      for (const [tag, value] of filter) values.set(tag, [...(values.get(tag) ?? []), value])
      const request = EmbedTokenRequest.safeParse({
        metrics: metrics.flatMap((list) => list.split(',')).filter((name) => name !== ''),
        filters: Object.fromEntries(
          [...values].map(([tag, texts]) => [tag, texts.length === 1 ? texts[0] : { in: texts }]),
        ),
        ttl,
        max_range: maxRange,
        dashboards: dashboard,
        annotations: annotations ?? false,
        edit: edit ?? false,
      })
      if (!request.success) {
        const [{ path, message }] = request.error.issues
        throw new CommandFailure(`${path.join('.')}: ${message}. See: telltale token --help`, 2)
      }
      const { token, expiresMs } = await parts.embedToken(parts.dataDir(dataDir), project, request.data)
      const expiresAt = new Date(expiresMs).toISOString()
      print(json ? JSON.stringify({ token, expires_at: expiresAt }) : `${token}\n\nGood until ${expiresAt}.`)
    })
}

function gather(value: string, before: string[]): string[] {
  return [...before, value]
}

function gatherFilter(text: string, before: [string, string][]): [string, string][] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It must read tag=value, such as org.id=acme.')
  return [...before, [text.slice(0, at), text.slice(at + 1)]]
}
