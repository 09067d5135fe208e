/** Registers `<refresh-picker>`. */
import { define } from '../shared/define.js'
import { RefreshPicker } from './refresh-picker.component.js'

define('refresh-picker', RefreshPicker)

export { RefreshPicker }
