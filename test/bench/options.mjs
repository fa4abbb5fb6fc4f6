/** The options of the bench: what is measured, how often, and with how much. */
// @ts-check
import { parseArgs } from 'node:util';
import { contenderNames } from './contenders.mjs';
import { workloadNames } from './workloads.mjs';

export const USAGE = `npm run bench -- [options]

  --rounds <n>   rounds that count, after one that does not (5)
  --size <MiB>   the size of a bulk file (1024)
  --files <n>    how many small files (5000)
  --only <a,b>   only these workloads, or contenders besides raw
                 (${workloadNames.join(', ')};
                  ${contenderNames.join(', ')})
  --profile      also writes CPU profiles, and prints where the time goes; best with one workload and one contender
`;

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {number} sizeMiB
 * @property {number} files
 * @property {string[]} workloads
 * @property {string[]} contenders
 * @property {boolean} profile
 */

/**
 * Reads the command line. Throws a TypeError for what is wrong there.
 * @param {string[]} args
 * @returns {Options | 'help'}
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      size: { type: 'string', default: '1024' },
      files: { type: 'string', default: '5000' },
      only: { type: 'string', default: '' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const only = values.only.split(',').filter((name) => name !== '');
  const unknown = only.find((name) => !workloadNames.includes(name) && !contenderNames.includes(name));
  if (unknown !== undefined) throw new TypeError(`There is no workload and no contender ${unknown}.`);
  return {
    rounds: count('rounds', values.rounds),
    sizeMiB: count('size', values.size),
    files: count('files', values.files),
    workloads: selected(workloadNames, only),
    // Ratios are to raw, so it always runs.
    contenders: [...new Set(['raw', ...selected(contenderNames, only)])],
    profile: values.profile,
  };
}

/** @type {(name: string, text: string) => number} */
function count(name, text) {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new TypeError(`--${name} must be a number from 1 on, not ${text}.`);
  return Number(text);
}

/** @type {(names: readonly string[], only: readonly string[]) => string[]} */
function selected(names, only) {
  const some = names.filter((name) => only.includes(name));
  return some.length > 0 ? some : [...names];
}
