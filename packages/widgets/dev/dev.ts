/** The development page: every tag over a collector that lives in the page. `collector` in the console stops and starts it. */
import { demoCollector, demoTask } from './demo-data.js'

const collector = demoCollector()
collector.install()
Object.assign(globalThis, { collector })
let n = 100
setInterval(() => collector.tick(), 1000)
setInterval(() => {
  if (collector.up) collector.addTask(demoTask(n++, Date.now()))
}, 2500)
await import('../src/index.js')
