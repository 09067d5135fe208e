/** Telltale in Vue 3: the compiler is told that names with `metric-` are elements of the page, not components. */
import '@telltale/widgets'
import { createApp } from 'vue'
import App from './App.vue'

createApp(App).mount('#app')
