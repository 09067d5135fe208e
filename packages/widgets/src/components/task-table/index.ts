/** Registers `<task-table>`. */
import { define } from '../shared/define.js'
import { TaskTable } from './task-table.component.js'

define('task-table', TaskTable)

export { TaskTable }
