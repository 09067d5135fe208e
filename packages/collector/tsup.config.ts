import { defineConfig } from 'tsup'
import { base } from '../../tsup.base.js'

// Two entries, because the storage thread is a worker with a file of its own. Dependencies stay external: two of them
// are native. `protocol` is bundled in.
export default defineConfig({
  ...base,
  entry: { main: 'src/main.ts', 'store/worker': 'src/store/worker.ts' },
  splitting: true,
})
