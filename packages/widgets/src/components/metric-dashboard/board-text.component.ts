/** `<board-text>`: words on a board. Lines that begin with `#` are headings; everything is text, never markup. */
import { type CSSResultGroup, css, html, type PropertyDeclarations, type TemplateResult } from 'lit'
import { define } from '../shared/define.js'
import { WidgetElement } from '../shared/widget-element.js'

export class BoardText extends WidgetElement {
  static override properties: PropertyDeclarations = { text: { type: String } }
  static override styles: CSSResultGroup = [
    WidgetElement.styles,
    css`
      .text {
        padding: 14px var(--_space);
        overflow: auto;
        block-size: 100%;
      }
      h4 {
        margin: 0 0 4px;
        font-size: 17px;
        font-weight: 650;
        letter-spacing: -0.012em;
      }
      p {
        margin: 0 0 8px;
        color: var(--_muted);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ]

  declare text: string

  constructor() {
    super()
    this.text = ''
  }

  protected override render(): TemplateResult {
    const blocks = this.text.split('\n').filter((line) => line.trim() !== '')
    return html`<div class="card" part="card" title="">
      <div class="text">
        ${this.title ? html`<h4>${this.title}</h4>` : ''}
        ${blocks.map((line) => (line.startsWith('#') ? html`<h4>${line.replace(/^#+\s*/, '')}</h4>` : html`<p>${line}</p>`))}
      </div>
    </div>`
  }
}

define('board-text', BoardText)

declare global {
  interface HTMLElementTagNameMap {
    'board-text': BoardText
  }
}
