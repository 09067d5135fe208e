/** The time-range picker: one choice for all widgets, kept in the address so that it can be shared. */

/**
 * With each range, the length of a bucket and how often widgets are fed: about a hundred buckets read well in a chart of
 * this width, and a wide range does not change every second.
 */
const ranges = [
  { range: '5m', label: '5 min', step: '5s', interval: '1s' },
  { range: '15m', label: '15 min', step: '10s', interval: '1s' },
  { range: '1h', label: '1 h', step: '30s', interval: '5s' },
  { range: '6h', label: '6 h', step: '5m', interval: '30s' },
  { range: '24h', label: '24 h', step: '15m', interval: '1m' },
] as const
type Choice = (typeof ranges)[number]
/** The shortest: a first visit comes minutes after the first sample. */
const fallback = ranges[0]

export interface Ranges {
  /** Gives a widget that came later the range that is chosen. */
  apply(widget: Element): void
}

export function setUpRanges(picker: HTMLFieldSetElement, widgets: () => Iterable<Element>): Ranges {
  const asked = new URL(location.href).searchParams.get('range')
  let current: Choice = ranges.find(({ range }) => range === asked) ?? fallback
  for (const choice of ranges) {
    const label = document.createElement('label')
    const input = document.createElement('input')
    input.type = 'radio'
    input.name = 'range'
    input.value = choice.range
    input.checked = choice === current
    input.addEventListener('change', () => {
      current = choice
      for (const widget of widgets()) apply(choice, widget)
      const url = new URL(location.href)
      url.searchParams.set('range', choice.range)
      history.replaceState(null, '', url)
    })
    label.append(input, choice.label)
    picker.append(label)
  }
  for (const widget of widgets()) apply(current, widget)
  return { apply: (widget) => apply(current, widget) }
}

function apply({ range, step, interval }: Choice, widget: Element): void {
  widget.setAttribute('range', range)
  widget.setAttribute('step', step)
  widget.setAttribute('interval', interval)
}
