/** Watches whether the collector answers, and says so in the header: widgets recover by themselves, this tells why they wait. */

const everyMs = 3000
const everyWhileDownMs = 1000
const timeoutMs = 4000

/** Calls back for ever; the page is its only owner. */
export function watchHealth(label: HTMLElement, notice: HTMLElement): void {
  let downSinceMs: number | undefined
  let timer: ReturnType<typeof setTimeout>

  const check = async () => {
    clearTimeout(timer)
    const up = await answers()
    downSinceMs = up ? undefined : (downSinceMs ?? Date.now())
    show(label, notice, downSinceMs)
    timer = setTimeout(check, up ? everyMs : everyWhileDownMs)
  }

  // A laptop that wakes up, or a network that is back, should not wait for the next turn.
  addEventListener('online', () => void check())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void check()
  })
  void check()
}

async function answers(): Promise<boolean> {
  try {
    const response = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) })
    return response.ok
  } catch {
    return false
  }
}

function show(label: HTMLElement, notice: HTMLElement, downSinceMs: number | undefined): void {
  const down = downSinceMs !== undefined
  set(label, down ? 'Reconnecting' : 'Live')
  label.dataset.state = down ? 'down' : 'live'
  notice.hidden = !down
  if (down) {
    const since = new Date(downSinceMs).toLocaleTimeString()
    set(
      notice,
      `The collector has not answered since ${since}. SDKs keep their data meanwhile; this page reconnects by itself.`,
    )
  }
}

/** Screen readers announce changes: an unchanged text must not be set again. */
function set(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
