/** The checks of faults, which take longer than tests may: `npm run test:faults`, see README.md. */
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { repositoryRoot } from '../support/repository.js';
import { NumbersReporter, reportFile } from './numbers.js';
import { isLong } from './size.js';

export default defineConfig({
  root: repositoryRoot,
  resolve: {
    alias: [
      {
        find: /^(?:\.\.\/)+clock\.js$/,
        replacement: path.join(repositoryRoot, 'test/support/doubles/faked-clock.ts'),
      },
    ],
  },
  test: {
    include: ['test/faults/**/*.faults.ts'],
    globalSetup: 'test/faults/processes/build-server.ts',
    pool: 'forks',
    maxWorkers: 2,
    execArgv: ['--expose-gc'],
    testTimeout: isLong ? 3_600_000 : 60_000,
    hookTimeout: 60_000,
    reporters: ['default', new NumbersReporter(), ...reportFile()],
  },
});
