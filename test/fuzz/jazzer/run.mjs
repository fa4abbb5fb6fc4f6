/**
 * Runs targets under Jazzer.js, which selects inputs by code coverage. It is installed into `temp/jazzer`, and
 * its native part requires a recent glibc on Linux; without it, the built-in guided run is used.
 */
// @ts-check
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { exitCode } from './exit-code.mjs';

/**
 * Whether these are the arguments of such a run.
 *
 * @param {string[]} args
 */
export function jazzerIsAsked(args) {
  return args.includes('--jazzer');
}

/**
 * Resolves with the exit code.
 *
 * @param {{ root: string, args: string[], command: (args: string[]) => Promise<number> }} run
 */
export async function runJazzer({ root, args, command }) {
  const { target = 'text,json,xml,binary', seconds = '60' } = parseArgs({
    args,
    strict: false,
    options: { target: { type: 'string' }, seconds: { type: 'string' } },
  }).values;
  const folder = path.join(root, 'temp/jazzer');
  const reason = await install(folder).catch(String);
  if (reason !== undefined) {
    console.error(`Jazzer.js cannot be run here: ${reasonOf(reason)}\nGuided by V8's coverage instead.`);
    return command([...args, '--guided']);
  }
  for (const name of String(target).split(',')) {
    console.log(`\n${name}, ${String(seconds)} s:`);
    const corpus = path.join(folder, 'corpus', name);
    await command(['--target', name, '--export', corpus]);
    const code = await runOne({ root, folder, corpus, name, seconds: String(seconds) });
    if (code !== 0) return code;
  }
  return 0;
}

/**
 * Resolves if it is installed and loadable.
 *
 * @param {string} folder
 */
async function install(folder) {
  await mkdir(folder, { recursive: true });
  await copyFile(new URL('package.json', import.meta.url), path.join(folder, 'package.json'));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
  const shell = process.platform === 'win32';
  await promisify(execFile)(npm, ['install', ...options], { cwd: folder, shell });
  const load =
    "import('@jazzer.js/core').catch((error) => { console.error(error.message); process.exit(1); })";
  await promisify(execFile)(process.execPath, ['-e', load], { cwd: folder });
}

/** @param {{ root: string, folder: string, corpus: string, name: string, seconds: string }} run */
async function runOne({ root, folder, corpus, name, seconds }) {
  const jazzer = path.join(folder, 'node_modules/@jazzer.js/core/dist/cli.js');
  const entry = path.join(root, 'temp/fuzz/entry.cjs');
  const fuzzer = [`-max_total_time=${seconds}`, '-max_len=4096', `-artifact_prefix=${corpus}-`];
  const args = [jazzer, entry, corpus, '-i', 'temp/fuzz', '--', ...fuzzer];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FUZZ_TARGET: name },
  });
  return exitCode(child);
}

/**
 * The message of the system or npm, without the command.
 *
 * @param {string} text
 */
function reasonOf(text) {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.find((line) => !line.includes('Command failed')) ?? text;
}
