/** The sentences of the language in force. English is built in; other languages are loaded when a tag first needs them. */
import { en, type Messages } from './en.js'
import { currentLocale, swapLocale } from './locale.js'

const loaders: Record<string, () => Promise<Messages>> = {
  de: async () => (await import('./de.js')).de,
  ja: async () => (await import('./ja.js')).ja,
}
const loaded = new Map<string, Messages>([['en', en]])
const pending = new Map<string, Promise<void>>()
const listeners = new Set<() => void>()

/** A live binding: whoever reads it while a tag updates reads that tag's language. */
export let messages: Messages = en

/** Runs `run` with numbers, times and texts in a language. */
export function inLanguage<T>(locale: string | undefined, run: () => T): T {
  const before = messages
  const localeBefore = swapLocale(locale)
  messages = messagesOf(locale ?? currentLocale())
  try {
    return run()
  } finally {
    messages = before
    swapLocale(localeBefore)
  }
}

/** Adds a language, or replaces sentences of one: what is left out stays English. */
export function addMessages(language: string, sentences: Partial<Messages>): void {
  // English is asked, not copied: sentences of tags that come later are found too.
  loaded.set(language, Object.assign(Object.create(loaded.get(language) ?? en), sentences))
  tellMessages()
}

/** Resolves once the sentences of a language are there, or can't be had: English is then spoken. */
export function loadMessages(locale: string | undefined): Promise<void> {
  const language = languageOf(locale)
  const load = loaders[language]
  if (!load || loaded.has(language)) return Promise.resolve()
  let flight = pending.get(language)
  if (!flight) {
    flight = load().then(
      (sentences) => {
        if (!loaded.has(language)) loaded.set(language, sentences)
        tellMessages()
      },
      () => undefined,
    )
    pending.set(language, flight)
  }
  return flight
}

export function onMessages(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function messagesOf(locale: string | undefined): Messages {
  return loaded.get(languageOf(locale)) ?? en
}

function languageOf(locale: string | undefined): string {
  return (locale ?? '').split('-')[0].toLowerCase()
}

/** Sentences have come: whatever shows some is rendered anew. */
export function tellMessages(): void {
  for (const listener of [...listeners]) listener()
}
