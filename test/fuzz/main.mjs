/** `npm run fuzz`: bundles the sources, and runs them with garbage collection exposed. */
// @ts-check
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exitCode } from './jazzer/exit-code.mjs';
import { jazzerIsAsked, runJazzer } from './jazzer/run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const args = process.argv.slice(2);
await bundle('test/fuzz/command.ts', 'esm');
if (jazzerIsAsked(args)) {
  await bundle('test/fuzz/jazzer/entry.ts', 'cjs');
  process.exitCode = await runJazzer({ root, args, command: runCommand });
} else process.exitCode = await runCommand(args);

/** @param {string[]} commandArgs */
async function runCommand(commandArgs) {
  const nodeArgs = ['--expose-gc', '--enable-source-maps', 'temp/fuzz/command.js'];
  const child = spawn(process.execPath, [...nodeArgs, ...commandArgs], { cwd: root, stdio: 'inherit' });
  return exitCode(child);
}

/**
 * @param {string} entry
 * @param {'esm' | 'cjs'} format
 */
async function bundle(entry, format) {
  const how = [
    '--no-config',
    '--no-dts',
    '--silent',
    '--sourcemap',
    '--platform',
    'node',
    '--format',
    format,
  ];
  const where = ['--target', 'node20.19', '--out-dir', 'temp/fuzz'];
  const outside = ['saxes', 'fast-check'].flatMap((name) => ['--external', name]);
  const all = ['node_modules/tsup/dist/cli-node.js', entry, ...how, ...where, ...outside];
  await promisify(execFile)(process.execPath, all, { cwd: root });
}
