import { defineConfig } from 'vitest/config'

const conditions = ['@telltale/source', 'module', 'node', 'import', 'default']

/** Node projects here; browser projects live in the packages that need Chromium. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          environment: 'node',
        },
      },
      {
        extends: true,
        // Black-box: through the public door, against what `npm run build` made.
        test: {
          name: 'blackbox',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
