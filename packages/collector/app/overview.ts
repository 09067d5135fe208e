/**
 * The page at `/`: finds out who looks, then shows one of three things: the sign-in, the first run, or the board of
 * widgets. The widgets load their data by themselves; this hands them a token and a range.
 */
import { followCatalogue } from './board.js'
import { listMetrics } from './catalogue.js'
import { offerKey, showSnippet, untilFirstSample } from './first-run.js'
import { watchHealth } from './health.js'
import { publicLink, showPublic } from './public.js'
import { setUpRanges } from './range.js'
import { checkKey, findSession, forgetKey, type SessionOutcome, storeKey } from './session.js'
import { startShell } from './shell.js'

/** What this page uses of `<metric-provider>`. */
interface Provider extends HTMLElement {
  token: string | undefined
  getToken: (() => Promise<string>) | undefined
}

const byId = <T extends HTMLElement>(id: string): T => {
  const element = document.getElementById(id)
  if (!element) throw new Error(`The page has no #${id}`)
  return element as T
}

const views = { signIn: byId('sign-in'), firstRun: byId('first-run'), board: byId('board') }
const provider = byId<Provider>('provider')
const picker = byId<HTMLFieldSetElement>('ranges')
const project = byId('project')
const signOut = byId('sign-out')

const retryMs = 1000
const ranges = setUpRanges(picker, () => document.querySelectorAll('metric-card, metric-chart, task-table'))
let session: SessionOutcome = { kind: 'none' }

function show(view: keyof typeof views): void {
  for (const [name, element] of Object.entries(views)) element.hidden = name !== view
  picker.hidden = view !== 'board'
  signOut.hidden = session.kind !== 'key'
  project.hidden = session.kind !== 'viewer'
  if (session.kind === 'viewer') project.textContent = session.project
}

/** Widgets ask here first, and again when the collector refuses what they have: after a restart, say. */
async function getToken(): Promise<string> {
  // A key that was typed stays what it is; sessions end with the collector's process.
  if (session.kind !== 'key') session = await findSession()
  if (session.kind !== 'none') return session.token
  // It came back without the local viewer.
  leave()
  throw new Error('Sign in first')
}

async function start(): Promise<void> {
  for (;;) {
    try {
      session = await findSession()
      if (session.kind === 'none') return askForKey()
      const metrics = await listMetrics(session.token)
      if (metrics === 'refused') return askForKey('This key is no longer valid. Sign in with another one.')
      return metrics.length > 0 || location.pathname !== '/' ? showBoard() : await waitForData()
    } catch {
      // The collector is away: the header says so, and this goes on where it stopped.
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

function askForKey(message = ''): void {
  forgetKey()
  session = { kind: 'none' }
  byId('key-error').textContent = message
  show('signIn')
  byId<HTMLInputElement>('key').focus()
}

async function waitForData(): Promise<void> {
  show('firstRun')
  void offerKey(byId<HTMLButtonElement>('key-maker'), getToken)
  const outcome = await untilFirstSample(views.firstRun, byId('waiting'), getToken)
  if (outcome === 'refused') askForKey('This key is no longer valid. Sign in with another one.')
  else showBoard()
}

/** Once: the only way back from the board is a new page. */
function showBoard(): void {
  provider.getToken = getToken
  followCatalogue({
    board: views.board,
    more: byId<HTMLDetailsElement>('more'),
    getToken,
    setRange: ranges.apply,
    refused: leave,
  })
  show('board')
  startShell({
    overview: views.board,
    page: byId('page'),
    nav: byId('nav'),
    palette: byId<HTMLDialogElement>('palette'),
    paletteOpener: byId('palette-open'),
    getToken,
    shown: (isOverview) => {
      picker.hidden = !isOverview
    },
  })
}

/** Another key may belong to another project: nothing of this one may stay on the page. */
function leave(): void {
  forgetKey()
  location.reload()
}

async function signIn(event: SubmitEvent): Promise<void> {
  event.preventDefault()
  const input = byId<HTMLInputElement>('key')
  const button = byId<HTMLFormElement>('sign-in-form').querySelector('button')
  const key = input.value.trim()
  if (button) button.disabled = true
  const check = await checkKey(key)
  if (button) button.disabled = false
  input.setAttribute('aria-invalid', String(!check.ok))
  byId('key-error').textContent = check.ok ? '' : check.message
  if (!check.ok) return input.focus()
  input.value = ''
  storeKey(key)
  await start()
}

byId('sign-in-form').addEventListener('submit', (event) => void signIn(event as SubmitEvent))
signOut.addEventListener('click', leave)
showSnippet(
  {
    code: byId('snippet'),
    copy: byId<HTMLButtonElement>('copy'),
    keyNote: byId('key-note-first'),
    keyMaker: byId<HTMLButtonElement>('key-maker'),
  },
  getToken,
)
watchHealth(byId('connection'), byId('outage'))
const link = publicLink(location.pathname)
if (link) void showPublic(link, byId('page'))
else void start()
