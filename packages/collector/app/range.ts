/** The time-range picker: one choice for all widgets, kept in the address so that it can be shared. */

/** How often a widget of each range is fed: a wide one does not change every second. */
const ranges = [
  { range: '5m', label: '5 min', interval: '1s' },
  { range: '15m', label: '15 min', interval: '1s' },
  { range: '1h', label: '1 h', interval: '5s' },
  { range: '6h', label: '6 h', interval: '30s' },
  { range: '24h', label: '24 h', interval: '1m' },
] as const
const fallback = ranges[1]

export function setUpRanges(picker: HTMLFieldSetElement, widgets: Iterable<Element>): void {
  const asked = new URL(location.href).searchParams.get('range')
  const current = ranges.find(({ range }) => range === asked) ?? fallback
  for (const choice of ranges) {
    const label = document.createElement('label')
    const input = document.createElement('input')
    input.type = 'radio'
    input.name = 'range'
    input.value = choice.range
    input.checked = choice === current
    input.addEventListener('change', () => {
      apply(choice, widgets)
      const url = new URL(location.href)
      url.searchParams.set('range', choice.range)
      history.replaceState(null, '', url)
    })
    label.append(input, choice.label)
    picker.append(label)
  }
  apply(current, widgets)
}

function apply({ range, interval }: (typeof ranges)[number], widgets: Iterable<Element>): void {
  for (const widget of widgets) {
    widget.setAttribute('range', range)
    widget.setAttribute('interval', interval)
  }
}
