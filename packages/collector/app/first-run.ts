/** The page before any data: what to paste, and a watch for the first sample. */
import { listMetrics } from './catalogue.js'

const pollMs = 2000
/** Long enough to see that it worked. */
const celebrateMs = 1200

export type FirstSample = 'arrived' | 'refused'

export function showSnippet(code: HTMLElement, copy: HTMLButtonElement): void {
  const text = [
    "import { init, withTaskMetrics } from '@telltale/sdk-node'",
    `init({ endpoint: '${location.origin}', apiKey: 'YOUR_INGEST_KEY', service: 'my-app' })`,
    "await withTaskMetrics('email.send', () => sendEmail())",
  ].join('\n')
  code.textContent = text
  copy.addEventListener('click', async () => {
    copy.textContent = (await copyText(text)) ? 'Copied' : 'Select and copy'
    setTimeout(() => {
      copy.textContent = 'Copy'
    }, 2000)
  })
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
