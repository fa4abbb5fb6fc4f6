import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What looks at the package from outside needs it built; everything else runs from the sources.
const packaged = [
  'test/package.test.ts',
  'test/size.test.ts',
  'test/later-parts.test.ts',
  'test/examples.test.ts',
  'test/docs-programs.test.ts',
  'test/cli/programs/**/*.test.ts',
  'test/integration/directories/killed-syncs.test.ts',
  'test/integration/local-files/killed-processes.test.ts',
  'test/integration/udp/killed-processes.test.ts',
  'test/integration/client/process-exit.test.ts',
  'test/integration/client/fake-timers.test.ts',
  'test/integration/server/ref-and-unref.test.ts',
];

export default defineConfig({
  // What the examples share with a test is tested with the sources, too; run by itself an example has the package.
  resolve: {
    alias: [
      { find: /^socket-ftp$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) },
      {
        find: /^socket-ftp\/client$/,
        replacement: fileURLToPath(new URL('src/client.ts', import.meta.url)),
      },
      {
        find: /^socket-ftp\/protocol$/,
        replacement: fileURLToPath(new URL('src/protocol.ts', import.meta.url)),
      },
      {
        find: /^socket-ftp\/contracts$/,
        replacement: fileURLToPath(new URL('src/contracts/index.ts', import.meta.url)),
      },
      {
        find: /^socket-ftp\/testing$/,
        replacement: fileURLToPath(new URL('src/testing/index.ts', import.meta.url)),
      },
      // Its functions do not change after they were loaded; those of the double can be replaced by fake timers.
      {
        find: /^(?:\.\.\/)+clock\.js$/,
        replacement: fileURLToPath(new URL('test/support/doubles/faked-clock.ts', import.meta.url)),
      },
    ],
  },
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
        test: {
          name: 'package',
          include: packaged,
          globalSetup: 'test/support/package/fresh-build.ts',
          // Each starts processes, which a busy machine takes its time for.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
