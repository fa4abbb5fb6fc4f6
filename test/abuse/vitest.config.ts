/** The checks of abuse, which take longer than tests may: `npm run test:abuse`, see README.md. */
import { defineConfig } from 'vitest/config';
import { NumbersReporter, reportFile } from '../faults/numbers.js';
import { repositoryRoot } from '../support/repository.js';
import { isLong } from './resources/size.js';

export default defineConfig({
  root: repositoryRoot,
  test: {
    include: ['test/abuse/**/*.abuse.ts'],
    globalSetup: 'test/abuse/resources/build-programs.ts',
    pool: 'forks',
    // Two at once would measure each other.
    maxWorkers: 1,
    execArgv: ['--expose-gc'],
    testTimeout: isLong ? 3_600_000 : 300_000,
    hookTimeout: 60_000,
    reporters: ['default', new NumbersReporter(`Abuse, ${isLong ? 'long' : 'short'}`), ...reportFile()],
  },
});
