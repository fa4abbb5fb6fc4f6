/** The workloads as curl does them, for a server of HTTP or FTP. Only curl's own time counts where single times do. */
// @ts-check
import path from 'node:path';
import { timesOf } from '../measuring/at-once.mjs';
import { AT_ONCE, smallName } from '../workloads.mjs';
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
export function curlRuns(base, { root, target, disk }, most = AT_ONCE) {
  const small = (/** @type {number} */ files) => `[0-${files - 1}].bin`;
  const one = `${base}/small/${smallName(0)}`;
  return {
    download: ({ bulk }) => curl([...NOWHERE, `${base}/${bulk}`]),
    'download-file': ({ bulk }) => curl(['--output', path.join(target, bulk), `${base}/${bulk}`]),
    'download-disk': ({ bulk }) => curl(['--output', path.join(disk, bulk), `${base}/${bulk}`]),
    upload: ({ bulk }) => curl(['--upload-file', path.join(root, bulk), `${base}/up/${bulk}`]),
    'small-down': ({ files }) => curl([...atOnce(most), ...NOWHERE, `${base}/small/${small(files)}`]),
    'small-down-1': ({ files }) => curl([...NOWHERE, `${base}/small/${small(files)}`]),
    'small-up': ({ files }) => curl([...atOnce(most), ...uploads(root, `${base}/up/`, small(files))]),
    'small-up-1': ({ files }) => curl(uploads(root, `${base}/up/`, small(files))),
    stat: ({ requests }) => curl(['--head', '--config', '-'], repeated(one, requests)),
    'stat-64': ({ requests }) => curl([...atOnce(most), '--head', '--config', '-'], repeated(one, requests)),
    fresh: ({ connects }) => fresh(one, connects),
    'clients-100': ({ clients, part }) =>
      timed([...atOnce(clients), '--config', '-'], repeated(`${base}/${part}`, clients)),
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
  await timesOf(connects, 1, async () => times.push(...(await timed([...NOWHERE, url]))));
  return times;
}

/** @param {number} count */
function atOnce(count) {
  return [...PARALLEL, String(count)];
}

/** @type {(root: string, to: string, names: string) => string[]} */
function uploads(root, to, names) {
  return ['--upload-file', path.join(root, 'small', names), to];
}

/** A file of settings that asks so often. @type {(url: string, times: number) => string} */
function repeated(url, times) {
  return `url = "${url}"\noutput = "/dev/null"\n`.repeat(times);
}
