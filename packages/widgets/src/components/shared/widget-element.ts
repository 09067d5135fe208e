/** What every data tag is: a Lit element with the theme, a title, and a client from its provider or the page. */
import { type CSSResultGroup, LitElement, type PropertyDeclarations } from 'lit'
import { ClientController } from '../../controllers/client-controller.js'
import { tokens } from '../../theme/tokens.js'
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

  constructor() {
    super()
    this.title = ''
    this.theme = ''
  }
}
