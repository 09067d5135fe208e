/** What can be built: each target with its sources, its tsup config and its place. Order matters: later ones use earlier ones. */

const shared = ['tsup.base.ts', 'tsconfig.base.json', 'package-lock.json']
const sdkSources = ['packages/protocol/src', 'packages/sdk-core/src']

/** @typedef {{ name: string, cwd: string, config: string, outDir: string, inputs: string[], after?: string[], outputs: string[] }} Target */

function target(name, cwd, { config = 'tsup.config.ts', outDir = 'dist', inputs = [], after = [], outputs }) {
  return {
    name,
    cwd,
    config,
    outDir: `${cwd}/${outDir}`,
    after,
    inputs: [...shared, `${cwd}/${config}`, `${cwd}/package.json`, `${cwd}/tsconfig.json`, ...inputs],
    outputs: outputs.map((file) => `${cwd}/${outDir}/${file}`),
  }
}

/** @type {Target[]} */
export const targets = [
  target('protocol', 'packages/protocol', {
    inputs: ['packages/protocol/src'],
    outputs: ['index.js', 'index.d.ts', 'api/index.js', 'api/index.d.ts'],
  }),
  target('sdk-node', 'packages/sdk-node', {
    inputs: ['packages/sdk-node/src', ...sdkSources],
    outputs: ['index.js', 'index.cjs', 'index.d.ts', 'index.d.cts', 'system.js', 'http.cjs', 'pg.d.ts'],
  }),
  target('sdk-browser', 'packages/sdk-browser', {
    inputs: ['packages/sdk-browser/src', 'packages/sdk-browser/tsup.script.config.ts', ...sdkSources],
    outputs: ['index.js', 'index.cjs', 'index.d.ts', 'index.d.cts', 'vitals.js', 'vitals.cjs', 'sdk.js'],
  }),
  target('widgets', 'packages/widgets', {
    inputs: [
      'packages/widgets/src',
      'packages/protocol/src',
      'scripts/lib/one-start.mjs',
      'scripts/lib/small-styles.mjs',
      'scripts/lib/widget-manifest.mjs',
      'scripts/lib/widget-typings.mjs',
    ],
    outputs: ['index.js', 'index.d.ts', 'metric-chart.js', 'widgets.js', 'custom-elements.json', 'jsx.d.ts'],
  }),
  target('collector', 'packages/collector', {
    inputs: ['packages/collector/src', 'packages/protocol/src'],
    outputs: ['main.js', 'store/worker.js'],
  }),
  target('app', 'packages/collector', {
    config: 'tsup.app.config.ts',
    outDir: 'dist/public',
    inputs: [
      'packages/collector/app',
      'packages/widgets/src',
      'packages/sdk-browser/src',
      'packages/sdk-browser/tsup.script.config.ts',
      ...sdkSources,
    ],
    after: ['widgets'],
    outputs: ['index.html', 'overview.js', 'app.css', 'widgets.js', 'sdk.js', 'favicon.svg'],
  }),
  target('demo', 'packages/collector', {
    config: 'tsup.demo.config.ts',
    outDir: 'dist/demo',
    inputs: ['examples/worker/src', 'packages/sdk-node/src', ...sdkSources],
    outputs: ['worker.js', 'visitors.js'],
  }),
]

/** What `npm start` needs: no declarations of the SDKs. */
export const startTargets = ['widgets', 'collector', 'app', 'demo']
