/** The demo workload, bundled from `examples/worker` so that an installed collector can run it without the repository. */
import { join } from 'node:path'
import { defineConfig } from 'tsup'
import { base, outDir } from '../../tsup.base.js'

export default defineConfig({
  ...base,
  entry: { worker: '../../examples/worker/src/worker.ts', visitors: '../../examples/worker/src/visitors.ts' },
  outDir: process.env.TELLTALE_OUT_DIR ? outDir : join(outDir, 'demo'),
  noExternal: [/.*/],
  // systeminformation is CommonJS: its `require` of Node's own modules needs one in an ES module.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
