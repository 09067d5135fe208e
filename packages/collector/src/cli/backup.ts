/** `telltale backup` and `telltale restore`: a copy of the data folder, and a data folder of the copy. */
import { resolve } from 'node:path'
import type { AddCommand, GlobalFlags } from './parts.js'
import { formatBytes, print, progressBar, remark } from './terminal.js'

export const addBackup: AddCommand = (telltale, parts) => {
  const command = telltale.command('backup').description('copy all data, while a collector serves or not')
  command
    .argument('<target>', 'a folder, or a file that ends in .tar')
    .option('--skip-damaged', 'leave damaged segments out instead of giving up')
    .addHelpText(
      'after',
      `
The backup shows one moment. It is written beside its place and renamed once every checksum has held.

Examples:
  telltale backup /backups/2026-01-05
  telltale backup /backups/2026-01-05.tar --data-dir /var/lib/telltale`,
    )
    .action(async (target: string) => {
      const {
        dataDir: flag,
        json,
        skipDamaged = false,
      } = command.optsWithGlobals<GlobalFlags & { skipDamaged?: boolean }>()
      const bar = progressBar('Backing up')
      const report = await parts
        .backup({
          dataDir: parts.dataDir(flag),
          target,
          skipDamaged,
          onProgress: ({ doneBytes, totalBytes }) => bar.update(doneBytes, totalBytes, formatBytes(totalBytes)),
        })
        .finally(() => bar.clear())
      const { files, bytes, segments, skipped } = report
      for (const { file, reason } of skipped) remark(`left out: segment ${file}: ${reason}`)
      if (json) return print(JSON.stringify({ path: resolve(target), files, bytes, segments, skipped }))
      print(`${formatBytes(bytes)} in ${files} files (${segments} segments) are in ${resolve(target)}`)
    })
}

export const addRestore: AddCommand = (telltale, parts) => {
  const command = telltale.command('restore').description('make a data folder of a backup')
  command
    .argument('<source>', 'what telltale backup made')
    .addHelpText(
      'after',
      `
The folder of --data-dir must be empty or not there. It appears once every checksum has held.

Examples:
  telltale restore /backups/2026-01-05
  telltale restore /backups/2026-01-05.tar --data-dir /var/lib/telltale`,
    )
    .action(async (source: string) => {
      const { dataDir: flag, json } = command.optsWithGlobals<GlobalFlags>()
      const dataDir = parts.dataDir(flag)
      const bar = progressBar('Restoring')
      const report = await parts
        .restore({
          source,
          dataDir,
          onProgress: ({ doneBytes, totalBytes }) => bar.update(doneBytes, totalBytes, formatBytes(totalBytes)),
        })
        .finally(() => bar.clear())
      const { files, bytes, segments, createdAt } = report
      if (json) return print(JSON.stringify({ data_dir: dataDir, files, bytes, segments, created_at: createdAt }))
      print(
        `${formatBytes(bytes)} of ${createdAt} are in ${dataDir}. Start it with: telltale serve --data-dir ${dataDir}`,
      )
    })
}
