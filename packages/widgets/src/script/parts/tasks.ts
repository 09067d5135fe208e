/** `<task-table>`. */
import '../../components/task-table/index.js'
