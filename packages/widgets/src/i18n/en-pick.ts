/** What the pickers and filters say, in English. */
import { en } from './en.js'

export const pick = {
  pick: {
    range: 'Time range',
    last: (span: string) => `Last ${span}`,
    from: 'From',
    to: 'To',
    apply: 'Apply',
    zone: 'Time zone',
    ownZone: 'Your own',
    badZone: 'This time zone is not known.',
    badRange: 'The end has to come after the start.',
    refresh: 'Refresh',
    off: 'Off',
    live: 'Live',
    every: (span: string) => `Every ${span}`,
    filters: 'Filters',
    add: 'Add filter',
    tag: 'Tag',
    values: (tag: string) => `Values of ${tag}`,
    remove: (text: string) => `Remove ${text}`,
    loading: 'Loading …',
    noneFound: 'Nothing found',
    truncated: 'More values than can be listed: type to find them.',
  },
}

Object.assign(en, pick)
