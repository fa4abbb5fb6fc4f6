/** The workloads as curl does them, for a server of HTTP or FTP. Only curl's own time counts where single times do. */
// @ts-check
import path from 'node:path';
import { timesInTurn } from '../measuring/at-once.mjs';
import { ONE, PAGES, SMALL } from '../workloads/amounts.mjs';
import { AT_ONCE } from '../workloads/workload.mjs';
import { run } from './program.mjs';

/** @import { Places } from '../measuring/places.mjs' */
/** @import { Run } from './tasks.mjs' */

const NOWHERE = ['--output', '/dev/null'];
const PARALLEL = ['--parallel', '--parallel-immediate', '--parallel-max'];

/** Without working directories of FTP, which would be asked for one by one. */
const ALWAYS = ['--silent', '--show-error', '--fail', '--ftp-method', 'nocwd'];

/** Seconds of each transfer, a line each. */
const TIMES = ['--write-out', '%{time_total}\\n'];

/**
 * @param {string} base - the URL of the root, without a slash at the end
 * @param {Places} places
 * @param {number} [most] - how many transfers at once the server can stand
 * @returns {Record<string, Run>}
 */
export function curlRuns(base, { root, target }, most = AT_ONCE) {
  const one = `${base}/${ONE}`;
  return {
    // Bytes to nowhere: curl has no other end for them, apart from files.
    pipeline: ({ bulk }) => curl([...NOWHERE, `${base}/${bulk}`]),
    'download-file': ({ bulk }) => curl(['--output', path.join(target, bulk), `${base}/${bulk}`]),
    'upload-file': ({ bulk }) => curl(['--upload-file', path.join(root, bulk), `${base}/up/${bulk}`]),
    'small-down': ({ files }) => curl([...atOnce(most), ...downloads(base, SMALL, { files, target })]),
    'small-down-1': ({ files }) => curl(downloads(base, SMALL, { files, target })),
    'small-up': ({ files }) => curl([...atOnce(most), ...uploads(root, base, files)]),
    'small-up-1': ({ files }) => curl(uploads(root, base, files)),
    'read-file': ({ files }) => curl([...atOnce(most), ...NOWHERE, `${base}/${PAGES}/${range(files)}`]),
    stat: ({ requests }) => curl(['--head', '--config', '-'], repeated(one, requests)),
    'stat-64': ({ requests }) => curl([...atOnce(most), '--head', '--config', '-'], repeated(one, requests)),
    fresh: async ({ connects }) => ({ times: await fresh(one, connects) }),
    first: async ({ firsts }) => ({ times: await fresh(one, firsts) }),
    program: async ({ programs }) => ({
      times: await timesInTurn(programs, () => curl([...NOWHERE, one])),
    }),
    'clients-100': async ({ clients, part }) => ({
      times: await timed([...atOnce(clients), '--config', '-'], repeated(`${base}/${part}`, clients)),
    }),
  };
}

/** @type {(args: readonly string[], input?: string) => Promise<void>} */
async function curl(args, input) {
  await run('curl', [...ALWAYS, ...args], input);
}

/** @type {(args: readonly string[], input?: string) => Promise<number[]>} */
async function timed(args, input) {
  const output = await run('curl', [...ALWAYS, ...TIMES, ...args], input);
  return output
    .trim()
    .split('\n')
    .map((line) => Number(line) * 1000);
}

/** A process for each, whose start does not count. @type {(url: string, connects: number) => Promise<number[]>} */
async function fresh(url, connects) {
  /** @type {number[]} */
  const times = [];
  while (times.length < connects) times.push(...(await timed([...NOWHERE, url])));
  return times;
}

/** @param {number} count */
function atOnce(count) {
  return [...PARALLEL, String(count)];
}

/** The names of so many files. @param {number} files */
function range(files) {
  return `[0-${files - 1}].bin`;
}

/** @type {(base: string, folder: string, what: { files: number, target: string }) => string[]} */
function downloads(base, folder, { files, target }) {
  return ['--output', path.join(target, '#1.bin'), `${base}/${folder}/${range(files)}`];
}

/** @type {(root: string, base: string, files: number) => string[]} */
function uploads(root, base, files) {
  return ['--upload-file', path.join(root, SMALL, range(files)), `${base}/up/`];
}

/** A file of settings that asks so often. @type {(url: string, times: number) => string} */
function repeated(url, times) {
  return `url = "${url}"\noutput = "/dev/null"\n`.repeat(times);
}
