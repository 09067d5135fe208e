/** `telltale verify`: everything on disk against its checksum, whether or not a collector serves from there. */
import { CommandFailure } from './failure.js'
import type { AddCommand, GlobalFlags } from './parts.js'
import { formatBytes, print, progressBar, remark } from './terminal.js'

export const addVerify: AddCommand = (telltale, parts) => {
  const command = telltale.command('verify').description('check every segment and the journal against their checksums')
  command
    .addHelpText(
      'after',
      `
It only reads, and may run while a collector serves. Exit code 1: something failed, and is listed.

Examples:
  telltale verify
  telltale verify --data-dir /var/lib/telltale --json`,
    )
    .action(async () => {
      const { dataDir: flag, json } = command.optsWithGlobals<GlobalFlags>()
      const dataDir = parts.dataDir(flag)
      const bar = progressBar('Verifying')
      let bytes = 0
      const report = await parts
        .verify(dataDir, ({ doneBytes, totalBytes }) => {
          bytes = doneBytes
          bar.update(doneBytes, totalBytes, formatBytes(totalBytes))
        })
        .finally(() => bar.clear())
      const { segments, journalEntries, failures } = report
      if (json)
        print(JSON.stringify({ ok: failures.length === 0, segments, journal_entries: journalEntries, failures }))
      else for (const { what, reason } of failures) print(`${what}: ${reason}`)
      if (failures.length > 0) {
        throw new CommandFailure(
          `${failures.length} of what was checked in ${dataDir} failed. A backup has it: telltale restore --help`,
        )
      }
      const checked = `${segments} segments (${formatBytes(bytes)}) and ${journalEntries} journal entries`
      if (!json) print(`${checked} are as they were written`)
      else if (process.stderr.isTTY) remark(checked)
    })
}
