/** What a tag can be saved as. What makes the files is loaded when the first one is wanted. */

export type ExportFormat = 'png' | 'pdf' | 'csv' | 'json'

export const exportFormats: readonly ExportFormat[] = ['png', 'pdf', 'csv', 'json']
