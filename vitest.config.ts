import { defineConfig } from 'vitest/config';

// What looks at the package from outside needs it built; everything else runs from the sources.
const packaged = ['test/package.test.ts', 'test/size.test.ts', 'test/examples.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: { name: 'sources', include: ['test/**/*.test.ts'], exclude: packaged },
      },
      {
        extends: true,
        test: { name: 'package', include: packaged, globalSetup: 'test/support/fresh-build.ts' },
      },
    ],
  },
});
