/** The page before any data: what to paste, and a watch for the first sample. */
import { createApi } from './api.js'
import { listMetrics } from './catalogue.js'

const pollMs = 2000
/** Long enough to see that it worked. */
const celebrateMs = 1200

export type FirstSample = 'arrived' | 'refused'

export interface SnippetParts {
  code: HTMLElement
  copy: HTMLButtonElement
  /** Says where a key comes from. */
  keyNote: HTMLElement
  /** Makes one and puts it in: for whoever may. */
  keyMaker: HTMLButtonElement
}

/** Three lines that work as they stand once a key is in them. */
export function showSnippet({ code, copy, keyNote, keyMaker }: SnippetParts, getToken: () => Promise<string>): void {
  let text = ''
  const show = (key: string) => {
    text = [
      "import { init, withTaskMetrics } from '@telltale/sdk-node'",
      `init({ endpoint: '${location.origin}', apiKey: '${key}', service: 'my-app' })`,
      "await withTaskMetrics('email.send', () => sendEmail())",
    ].join('\n')
    code.textContent = text
  }
  show('YOUR_INGEST_KEY')
  keyMaker.addEventListener('click', async () => {
    keyMaker.disabled = true
    try {
      const { key } = await createApi(getToken).send<{ key: string }>('POST', '/api/v1/keys', { scope: 'ingest' })
      show(key)
      keyMaker.hidden = true
      keyNote.textContent = 'The key in these lines is new, and shown this once.'
    } catch {
      keyMaker.disabled = false
    }
  })
  copy.addEventListener('click', async () => {
    copy.textContent = (await copyText(text)) ? 'Copied' : 'Select and copy'
    setTimeout(() => {
      copy.textContent = 'Copy'
    }, 2000)
  })
}

/** Only an admin makes keys; everybody else reads where they come from. */
export async function offerKey(keyMaker: HTMLButtonElement, getToken: () => Promise<string>): Promise<void> {
  const who = await createApi(getToken)
    .get<{ permissions: string[] }>('/api/v1/whoami')
    .catch(() => ({ permissions: [] as string[] }))
  keyMaker.hidden = !who.permissions.includes('admin')
}

/** Clipboards need a secure context, which a collector on another machine is not. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Resolves when the first sample is there, after the panel has said so. */
export async function untilFirstSample(
  panel: HTMLElement,
  status: HTMLElement,
  getToken: () => Promise<string>,
): Promise<FirstSample> {
  for (;;) {
    // While the collector is away the header says so: here it is only one more turn.
    const answer = await getToken()
      .then(listMetrics)
      .catch(() => [])
    if (answer === 'refused') return 'refused'
    if (answer.length > 0) break
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  panel.classList.add('lit')
  status.lastChild?.replaceWith('Your first sample is here')
  await new Promise((resolve) => setTimeout(resolve, celebrateMs))
  return 'arrived'
}
