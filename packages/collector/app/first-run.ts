/** The page before any data: what to paste, and a watch for the first sample. */

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

/** Is there any metric yet? Throws where the collector does not answer; false for `refused` is not an answer either. */
export async function hasData(token: string): Promise<boolean | 'refused'> {
  const response = await fetch('/api/v1/metrics', { headers: { authorization: `Bearer ${token}` } })
  if (response.status === 401 || response.status === 403) return 'refused'
  if (!response.ok) throw new Error(`GET /api/v1/metrics answered ${response.status}`)
  const { data } = (await response.json()) as { data: unknown[] }
  return data.length > 0
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
      .then(hasData)
      .catch(() => false)
    if (answer === 'refused') return 'refused'
    if (answer) break
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  panel.classList.add('lit')
  status.lastChild?.replaceWith('Your first sample is here')
  await new Promise((resolve) => setTimeout(resolve, celebrateMs))
  return 'arrived'
}
