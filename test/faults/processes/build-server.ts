/** Bundles what is a process of its own, from the sources as they are, so that it starts in no time. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../support/repository.js';

/** The global set-up of the checks. */
export default async function buildServer(): Promise<void> {
  const options = ['--no-config', '--no-dts', '--silent', '--format', 'esm', '--platform', 'node'];
  const where = ['--target', 'node20.19', '--out-dir', 'temp/faults'];
  const args = [
    'node_modules/tsup/dist/cli-node.js',
    'test/faults/processes/server-process.ts',
    'test/faults/processes/sync-process.ts',
    ...options,
    ...where,
  ];
  await promisify(execFile)(process.execPath, args, { cwd: repositoryRoot });
}
