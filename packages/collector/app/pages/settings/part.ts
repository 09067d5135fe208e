/** A part of the settings: it loads, draws and changes its own, so that what may not be seen does not hide what may. */
import type { TemplateResult } from 'lit'
import type { Api } from '../../api.js'

export interface PartContext {
  api: Api
  /** Something changed: the page draws anew. */
  changed(): void
}

export interface SettingsPart {
  /** What one must be allowed to see it; nothing is asked without. */
  needs?: string
  load(): Promise<void>
  view(): TemplateResult
  /** A dialog of it, over the page. */
  dialog?(): TemplateResult | undefined
}
