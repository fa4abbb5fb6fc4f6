/** Bundles the programs that are processes of their own, from the sources as they are. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../support/repository.js';

const PROGRAMS = ['server-program', 'client-program'];

/** The global set-up of the checks. */
export default async function buildPrograms(): Promise<void> {
  const files = PROGRAMS.map((name) => `test/abuse/resources/${name}.ts`);
  const options = ['--no-config', '--no-dts', '--silent', '--format', 'esm', '--platform', 'node'];
  const where = ['--target', 'node20.19', '--out-dir', 'temp/abuse'];
  const args = ['node_modules/tsup/dist/cli-node.js', ...files, ...options, ...where];
  await promisify(execFile)(process.execPath, args, { cwd: repositoryRoot });
}
