import { defineConfig } from 'vitest/config'

// Node adds those of its own, by how a package is loaded: `import` named here would hold for `require` as well.
const conditions = ['@telltale/source']

/** What runs in Node. Tests inside a browser have their own config in packages/widgets. */
export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'node'] },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          environment: 'node',
          // Storage tests write and sync real files: on a busy machine that takes its time.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        // Black-box: through the public door, against what `npm run build` made.
        test: {
          name: 'blackbox',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/soak/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // The page, from outside: Chromium is driven by playwright-core.
        test: {
          name: 'page',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        extends: true,
        // Long loops, for `npm run test:soak` alone.
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          testTimeout: 30 * 60_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
})
