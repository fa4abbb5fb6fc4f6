/** Builds the package before the tests that use the build, unless the build is newer than its inputs. */
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../repository.js';

const MADE_OF = ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'];

/** The global set-up of the project `package` in vitest.config.ts. */
export default async function freshBuild(): Promise<void> {
  const [built, changed] = await Promise.all([builtAt(), changedAt()]);
  if (built > changed) return;
  await promisify(execFile)(process.execPath, ['node_modules/tsup/dist/cli-node.js', '--silent'], {
    cwd: repositoryRoot,
  });
}

/** When the last file of a build was written; 0 without one. The declarations for CommonJS come last. */
async function builtAt(): Promise<number> {
  const times = await Promise.all(
    [
      'dist/index.d.cts',
      'dist/protocol.d.cts',
      'dist/contracts.d.cts',
      'dist/testing.d.cts',
      'dist/cli.js',
    ].map(modifiedAt),
  );
  return Math.min(...times);
}

async function changedAt(): Promise<number> {
  const sources = await readdir(path.join(repositoryRoot, 'src'), { recursive: true });
  const times = await Promise.all(
    [...MADE_OF, ...sources.map((file) => path.join('src', file))].map(modifiedAt),
  );
  return Math.max(...times);
}

async function modifiedAt(file: string): Promise<number> {
  const stats = await stat(path.join(repositoryRoot, file)).catch(() => undefined);
  return stats?.mtimeMs ?? 0;
}
