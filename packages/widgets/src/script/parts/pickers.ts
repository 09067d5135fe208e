/** The pickers: a page that has one mostly has all. */
import '../../components/range-picker/index.js'
import '../../components/refresh-picker/index.js'
import '../../components/tag-filter/index.js'
