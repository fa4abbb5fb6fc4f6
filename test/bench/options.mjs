/** The options of the bench: contenders, workloads, rounds and sizes. */
// @ts-check
import { parseArgs } from 'node:util';
import { contenderNames } from './contenders/table.mjs';
import { workloadNames } from './workloads.mjs';

export const USAGE = `npm run bench -- [options]

  --peers <a,b>     only these besides raw (all that are installed)
  --workload <a,b>  only these workloads (all)
  --rounds <n>      rounds that count, after one that does not (5)
  --size <MiB>      the size of a bulk file (1024)
  --files <n>       how many small files (10000)
  --pin [core]      lets all processes run on one core, by default on core 0; needs taskset
  --profile         also writes CPU profiles, and prints where the time goes; best with one workload and one peer
  --list            says what there is to measure, and what is missing
  --help            says this

  peers:     ${contenderNames.slice(1).join(', ')}
  workloads: ${workloadNames.join(', ')}
`;

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {number} sizeMiB
 * @property {number} files
 * @property {string[]} workloads
 * @property {string[]} contenders - raw first, for ratios are to it
 * @property {number | undefined} pin - the core
 * @property {boolean} profile
 */

/**
 * Parses the command line. Throws a TypeError for an invalid argument.
 * @param {readonly string[]} args
 * @returns {Options | 'help' | 'list'}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args: args.map((arg, index) => (arg === '--pin' && !isCount(args[index + 1]) ? '--pin=0' : arg)),
    options: {
      peers: { type: 'string', default: contenderNames.join(',') },
      workload: { type: 'string', default: workloadNames.join(',') },
      rounds: { type: 'string', default: '5' },
      size: { type: 'string', default: '1024' },
      files: { type: 'string', default: '10000' },
      pin: { type: 'string' },
      profile: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  return {
    rounds: count('rounds', values.rounds),
    sizeMiB: count('size', values.size),
    files: count('files', values.files),
    workloads: chosen('workload', values.workload, workloadNames),
    contenders: [...new Set(['raw', ...chosen('peer', values.peers, contenderNames)])],
    pin: values.pin === undefined ? undefined : count('pin', values.pin, 0),
    profile: values.profile,
  };
}

/** @type {(text: string | undefined) => boolean} */
function isCount(text) {
  return text !== undefined && /^\d{1,7}$/.test(text);
}

/** @type {(name: string, text: string, least?: number) => number} */
function count(name, text, least = 1) {
  const value = isCount(text) ? Number(text) : NaN;
  if (value >= least) return value;
  throw new TypeError(`--${name} must be a number from ${least} on, not ${text || 'nothing'}.`);
}

/** Those that are named, in the order of the table. @type {(what: string, text: string, names: readonly string[]) => string[]} */
function chosen(what, text, names) {
  const given = text.split(',').map((name) => name.trim());
  const unknown = given.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`There is no ${what} "${unknown}". There are: ${names.join(', ')}.`);
  return names.filter((name) => given.includes(name));
}
