/** What every package's tsup config shares: where output goes and how workspace packages resolve to their sources. */
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Options } from 'tsup'

/** Named first in the `exports` of our packages; picks their TypeScript sources. */
const sourceCondition = '@telltale/source'

// Not import.meta.dirname: tsup's config loader gives every file the one of the config.
const root = dirname(fileURLToPath(import.meta.url))

/** Keys for `dts.compilerOptions.paths`: types of these packages are inlined, because they are not published. */
const sources: Record<string, string> = {
  '@telltale/protocol': 'packages/protocol/src/index.ts',
  '@telltale/protocol/api': 'packages/protocol/src/api/index.ts',
  '@telltale/sdk-core': 'packages/sdk-core/src/index.ts',
}

/**
 * `scripts/build.mjs` builds into a temporary folder and swaps files one by one, so that a failed build leaves the last
 * good one in place; `npx tsup` in a package writes to `dist` directly.
 */
export const outDir = process.env.TELLTALE_OUT_DIR ?? 'dist'

export const base: Options = {
  outDir,
  target: 'node20',
  format: ['esm'],
  splitting: false,
  sourcemap: true,
  silent: true,
  esbuildOptions(options) {
    options.conditions = [sourceCondition, 'module', 'import', 'default']
    // Names stay readable in stack traces without keeping comments.
    options.legalComments = 'none'
  },
}

/** Declarations in one file, with the types of workspace packages inlined. */
export function bundledTypes(): NonNullable<Options['dts']> {
  return {
    compilerOptions: {
      composite: false,
      incremental: false,
      customConditions: [sourceCondition],
      rootDir: root,
      baseUrl: root,
      paths: Object.fromEntries(Object.entries(sources).map(([name, file]) => [name, [resolve(root, file)]])),
    },
  }
}
