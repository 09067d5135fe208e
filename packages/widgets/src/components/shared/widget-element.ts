/** What every data tag is: a Lit element with the theme, a language, a title, a client, and a menu that exports it. */
import { type CSSResultGroup, LitElement, type PropertyDeclarations, type TemplateResult } from 'lit'
import { ClientController } from '../../controllers/client-controller.js'
import { LocaleController } from '../../controllers/locale-controller.js'
import { type ExportFormat, exportFormats } from '../../export/formats.js'
import type { ExportTable } from '../../export/table.js'
import { inLanguage } from '../../i18n/messages.js'
import { tokens } from '../../theme/tokens.js'
import { type MenuItem, menu } from './menu.js'
import { messages } from './messages.js'
import { sharedStyles } from './shared.styles.js'

export type Theme = 'light' | 'dark' | 'auto' | ''

export class WidgetElement extends LitElement {
  static override properties: PropertyDeclarations = {
    title: { type: String },
    theme: { type: String, reflect: true },
  }
  static override styles: CSSResultGroup = [tokens, sharedStyles]

  declare title: string
  /** `light`, `dark`, or `auto` for what the reader's system prefers; absent: as the page around it. */
  declare theme: Theme

  protected readonly source = new ClientController(this)
  readonly #language = new LocaleController(this)

  constructor() {
    super()
    this.title = ''
    this.theme = ''
  }

  /**
   * The tag as a file: `png` and `pdf` show what is on the screen at twice its size, `csv` and `json` hold its data.
   * Rejects with code `nothing_to_export` while there is none.
   */
  async export(format: ExportFormat): Promise<Blob> {
    const { exportAs } = await import('../../export/export.js')
    await this.updateComplete
    const element = this.renderRoot.querySelector('.card') ?? this
    const surface = getComputedStyle(element).backgroundColor
    const table = await this.exportTable()
    return this.localized(() => exportAs(format, { element, surface, title: this.exportTitle(), table }))
  }

  /** For what formats or speaks outside of an update: drawing on canvas, answering keys. */
  protected localized<T>(run: () => T): T {
    return inLanguage(this.#language.locale, run)
  }

  protected override performUpdate(): void {
    inLanguage(this.#language.locale, () => super.performUpdate())
  }

  /** The data behind what is shown; undefined while there is none. */
  protected exportTable(): ExportTable | undefined | Promise<ExportTable | undefined> {
    return undefined
  }

  protected exportTitle(): string {
    return this.title
  }

  /** The "more" button with `items` of the tag's own, and what it can be saved as. */
  protected menu(items: readonly MenuItem[] = []): TemplateResult {
    const exports = exportFormats.map((format) => ({
      label: messages.exportAs[format],
      icon: 'save' as const,
      run: () => void this.#save(format),
    }))
    return menu(messages.menu(this.exportTitle()), [items, exports])
  }

  async #save(format: ExportFormat): Promise<void> {
    const { fileName, save } = await import('../../export/export.js')
    const blob = await this.export(format)
    save(blob, fileName(this.exportTitle(), format))
  }
}
