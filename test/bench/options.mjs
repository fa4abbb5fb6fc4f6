/** The options of the bench: contenders, workloads, rounds and sizes. */
// @ts-check
import { parseArgs } from 'node:util';
import { RAW, contenderNames } from './contenders/table.mjs';
import { workloadNames } from './workloads/table.mjs';

export const USAGE = `npm run bench -- [options]

  --peers <a,b>      only these besides raw (all that are installed)
  --workloads <a,b>  only these workloads (all)
  --rounds <n>       rounds (5)
  --size <MiB>       the size of a large file (1024)
  --files <n>        how many small files (4000)
  --disk             with files on a disk, not in memory
  --pin [core]       lets all processes run on one core, by default on core 0; needs taskset
  --gate             lists the bounds in test/bench/bounds.mjs that are missed, and fails if there are any
  --json             prints the results as JSON, not as tables
  --from <file>      measures nothing, and takes the results of an earlier run
  --profile          also writes CPU profiles, and prints where the time goes; best with one workload and one peer
  --list             prints what there is to measure, and what is missing
  --help             prints this

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
 * @property {boolean} isOnDisk
 * @property {boolean} gate
 * @property {boolean} json
 * @property {string | undefined} from - a file of `bench-results/`
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
      workloads: { type: 'string', default: workloadNames.join(',') },
      rounds: { type: 'string', default: '5' },
      size: { type: 'string', default: '1024' },
      files: { type: 'string', default: '4000' },
      pin: { type: 'string' },
      disk: { type: 'boolean', default: false },
      gate: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      from: { type: 'string' },
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
    workloads: chosen('workload', values.workloads, workloadNames),
    contenders: [...new Set([RAW, ...chosen('peer', values.peers, contenderNames)])],
    pin: values.pin === undefined ? undefined : count('pin', values.pin, 0),
    isOnDisk: values.disk,
    gate: values.gate,
    json: values.json,
    from: values.from,
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
