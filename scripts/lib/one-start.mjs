/**
 * An esbuild plugin for code that is split: each part that is loaded later also imports the entry, which the page has by
 * then. So all that the entry needs stays in one file; else what a part needs too would become a file of its own.
 */
import { dirname } from 'node:path'

/** @param {string} entry Absolute path. */
export const oneStart = (entry) => ({
  name: 'one-start',
  setup(build) {
    build.onResolve({ filter: /^\./ }, async ({ path, kind, resolveDir, namespace, importer, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'resolved') return undefined
      const found = await build.resolve(path, { kind, resolveDir, namespace, importer, pluginData: 'resolved' })
      return found.errors.length > 0 ? found : { path: found.path, namespace: 'part' }
    })
    build.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({
      contents: `import ${JSON.stringify(entry)}; export * from ${JSON.stringify(path)}`,
      resolveDir: dirname(path),
    }))
  },
})
