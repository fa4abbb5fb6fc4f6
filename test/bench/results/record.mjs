/** Results as a file, for comparison and for charts. */
// @ts-check
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';
import path from 'node:path';
import { versionsOf } from '../availability.mjs';

/** @import { Options } from '../options.mjs' */
/** @import { ResultWithRatios } from './ratios.mjs' */

const GIB = 1024 ** 3;

/**
 * The content of the file.
 * @typedef {object} Recorded
 * @property {string} date
 * @property {string} command
 * @property {{ node: string, cpu: string, cpus: number, memoryGiB: number, system: string }} machine
 * @property {Options} options
 * @property {Record<string, Record<string, string>>} versions - of contenders
 * @property {ResultWithRatios[]} results
 */

/** Writes it to `bench-results/`; resolves with its path and its content. @type {(results: Recorded['results'], options: Options) => Promise<{ file: string, recorded: Recorded }>} */
export async function writeRecord(results, options) {
  const date = new Date().toISOString();
  const versions = options.contenders.map(async (name) => [name, await versionsOf(name)]);
  /** @type {Recorded} */
  const recorded = {
    date,
    command: ['npm run bench', ...argsOf(process.argv.slice(2))].join(' '),
    machine: machine(),
    options,
    versions: Object.fromEntries(await Promise.all(versions)),
    results,
  };
  const file = path.join('bench-results', `${date.replaceAll(':', '-')}.json`);
  await mkdir('bench-results', { recursive: true });
  await writeFile(file, JSON.stringify(recorded, null, 1) + '\n');
  return { file, recorded };
}

/** @type {(file: string) => Promise<Recorded>} */
export async function readRecord(file) {
  /** @type {Recorded} */
  const recorded = JSON.parse(await readFile(file, 'utf8'));
  return recorded;
}

/** @param {readonly string[]} args */
function argsOf(args) {
  return args.length === 0 ? [] : ['--', ...args];
}

/** @returns {Recorded['machine']} */
function machine() {
  const processors = cpus();
  return {
    node: process.version,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cpus: processors.length,
    memoryGiB: Math.round(totalmem() / GIB),
    system: `${type()} ${release().split('.').slice(0, 2).join('.')}`,
  };
}
