/** What saving says, in English. */
import { en } from './en.js'

export const exporting = {
  exportFailed: 'That could not be saved.',
  nothingToExport: 'There is nothing to save yet.',
}

Object.assign(en, exporting)
