/** The sentences of boards. English comes with them; other languages are loaded when a board first speaks one. */
import { currentLocale } from '../../i18n/locale.js'
import { tellMessages } from '../../i18n/messages.js'
import { type BoardMessages, en } from './board-messages-en.js'

export type { BoardMessages }

const loaders = new Map<string, () => Promise<BoardMessages>>([
  ['de', async () => (await import('./board-messages-de.js')).de],
  ['ja', async () => (await import('./board-messages-ja.js')).ja],
])
const loaded = new Map<string, BoardMessages>([['en', en]])

/** In the language in force while a tag updates: English until the first board that needs another one has it. */
export function boardMessages(): BoardMessages {
  const language = (currentLocale() ?? 'en').split('-')[0].toLowerCase()
  const found = loaded.get(language)
  if (!found) void load(language)
  return found ?? en
}

async function load(language: string): Promise<void> {
  const loader = loaders.get(language)
  if (!loader) return
  loaders.delete(language)
  try {
    loaded.set(language, await loader())
    tellMessages()
  } catch {
    // English it is.
  }
}
