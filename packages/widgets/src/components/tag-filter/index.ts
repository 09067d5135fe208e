/** Registers `<tag-filter>`. */
import { define } from '../shared/define.js'
import { TagFilter } from './tag-filter.component.js'

define('tag-filter', TagFilter)

export { TagFilter }
