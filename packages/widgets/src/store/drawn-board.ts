/** A dashboard drawn out of sight, for as long as somebody needs a picture or the data of its widgets. */
import type { TelltaleOptions } from '../client/configure.js'
import { ClientError } from '../client/errors.js'
import '../components/metric-provider/index.js'
import '../components/metric-dashboard/with-widgets.js'
import type { MetricDashboard } from '../components/metric-dashboard/metric-dashboard.component.js'

const widthPx = 1280
const timeoutMs = 15_000
const lookEveryMs = 100

export async function drawnBoard<T>(
  options: TelltaleOptions,
  id: string,
  use: (board: MetricDashboard) => Promise<T>,
): Promise<T> {
  const provider = document.createElement('metric-provider')
  Object.assign(provider, options)
  const room = document.createElement('div')
  // Within the window, so that its widgets count as seen and draw; behind everything, and not to be reached.
  Object.assign(room.style, {
    position: 'fixed',
    inset: '0 auto auto 0',
    width: `${widthPx}px`,
    zIndex: '-1',
    opacity: '0',
  })
  room.inert = true
  const board = document.createElement('metric-dashboard')
  board.setAttribute('dashboard', id)
  room.append(board)
  provider.append(room)
  document.body.append(provider)
  try {
    await ready(board)
    room.style.opacity = '1'
    return await use(board)
  } finally {
    provider.remove()
  }
}

/** Until no widget waits for its first data any more. */
async function ready(board: MetricDashboard): Promise<void> {
  const untilMs = Date.now() + timeoutMs
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    await board.updateComplete
    const widgets = [...board.renderRoot.querySelectorAll<HTMLElement>('[part~=widget]')]
    const isWaiting = (widget: HTMLElement) => widget.shadowRoot?.querySelector('[role=status]') != null
    if (widgets.length > 0 && !widgets.some(isWaiting)) return
    if (Date.now() > untilMs) throw new ClientError('query_timeout', 'The dashboard was not drawn in time; try again.')
  }
}
