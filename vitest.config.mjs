import { defineConfig } from 'vitest/config';

// Tests load the built modules in dist/ natively (see ARCHITECTURE.md): a compiled copy of a function
// must see its module's own imports, which a test runner's import rewriting would hide.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    server: { deps: { external: [/\/dist\//, /\/\.cache\//] } },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
