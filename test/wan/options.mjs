/** The options of the measurement of long links. */
// @ts-check
import { parseArgs } from 'node:util';
import { links } from './links.mjs';

/** @typedef {import('./measure.mjs').Contender} Contender */

/** @type {Record<string, Contender>} */
export const contenders = {
  cubic: { transport: 'tcp', congestion: 'cubic' },
  bbr: { transport: 'tcp', congestion: 'bbr' },
  'parallel-4': { transport: 'tcp', congestion: 'cubic', connections: 4 },
  'parallel-8': { transport: 'plain', congestion: 'cubic', connections: 8 },
  udp: { transport: 'udp' },
};

export const parts = ['links', 'fairness', 'blocked', 'known'];

export const USAGE = `npm run bench:wan -- [options]      as root, on Linux

  --links <a,b>      only these links (${Object.keys(links).join(',')})
  --contenders <a,b> only these (${Object.keys(contenders).join(',')})
  --parts <a,b>      only these (${parts.join(',')})
  --upload           measures uploads instead of downloads
  --rounds <n>       how often each (3); the median counts
  --size <n>         per cent of the bytes of each link (100)
  --max-seconds <n>  ends a transfer over TCP, whose rate until then counts (25)
  --gate             fails where UDP is below what it must reach
  --json <file>      also writes all figures
`;

/**
 * @typedef {object} Options
 * @property {string[]} links
 * @property {string[]} contenders
 * @property {string[]} parts
 * @property {'download' | 'upload'} direction
 * @property {number} rounds
 * @property {number} size - per cent
 * @property {number} maxSeconds
 * @property {boolean} gate
 * @property {string | undefined} json
 */

/** Throws a TypeError for an invalid argument. @type {(args: readonly string[]) => Options | 'help'} */
export function readOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      links: { type: 'string', default: Object.keys(links).join(',') },
      contenders: { type: 'string', default: Object.keys(contenders).join(',') },
      parts: { type: 'string', default: parts.join(',') },
      upload: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      size: { type: 'string', default: '100' },
      'max-seconds': { type: 'string', default: '25' },
      gate: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    links: chosen('link', values.links, Object.keys(links)),
    contenders: chosen('contender', values.contenders, Object.keys(contenders)),
    parts: chosen('part', values.parts, parts),
    direction: values.upload ? 'upload' : 'download',
    rounds: count('rounds', values.rounds),
    size: count('size', values.size),
    maxSeconds: count('max-seconds', values['max-seconds']),
    gate: values.gate,
    json: values.json,
  };
}

/** @type {(name: string, text: string) => number} */
function count(name, text) {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (value >= 1) return value;
  throw new TypeError(`--${name} must be a number from 1 on, not ${text || 'nothing'}.`);
}

/** Those that are named, in the order of the table. @type {(what: string, text: string, names: readonly string[]) => string[]} */
function chosen(what, text, names) {
  const given = text.split(',').map((name) => name.trim());
  const unknown = given.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`There is no ${what} "${unknown}". There are: ${names.join(', ')}.`);
  return names.filter((name) => given.includes(name));
}
