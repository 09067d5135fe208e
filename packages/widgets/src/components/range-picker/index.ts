/** Registers `<range-picker>`. */
import { define } from '../shared/define.js'
import { RangePicker } from './range-picker.component.js'

define('range-picker', RangePicker)

export { RangePicker }
