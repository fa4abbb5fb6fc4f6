/** How much a run of a workload moves, and the files for it. */
// @ts-check

/**
 * How much one run of a workload moves.
 * @typedef {object} Amount
 * @property {string} bulk - the name of the bulk file
 * @property {number} bulkMiB
 * @property {string} part - the name of the file that each of many clients downloads
 * @property {number} partMiB
 * @property {number} clients - how many clients at once
 * @property {number} files - how many of the small files
 * @property {number} directoryFiles - how many of them there are
 * @property {number} requests
 * @property {number} lists - how many times a directory is listed
 * @property {number} connects - how many connections one after another
 * @property {number} firsts - how many connections of processes that have had none
 * @property {number} programs - how many programs one after another
 * @property {number} connections - how many connections that do nothing
 */

/** How much it is to be. @typedef {{ sizeMiB: number, files: number, requests?: number, connects?: number }} Wanted */

const REQUESTS = 20_000;
const LISTS = 10;
const CONNECTS = 1_000;
const FIRSTS = 100;
const PROGRAMS = 20;
const CLIENTS = 100;
const CONNECTIONS = 2_000;
const WARM_UP_MIB = 64;

/** The folders of small files: of 1 to 16 KiB, and of 4 KiB each. */
export const SMALL = 'small';
export const PAGES = 'pages';

/** Bytes of a file in `PAGES`. */
export const PAGE_BYTES = 4096;

/** The name of a small file in its folder. @type {(index: number) => string} */
export function smallName(index) {
  return `${index}.bin`;
}

/** The small file of requests for a single one. */
export const ONE = `${SMALL}/${smallName(0)}`;

/** The large files, with their sizes in MiB: also those of a warm-up, and of contenders that take too long. @param {number} sizeMiB */
export function largeFiles(sizeMiB) {
  return {
    'bulk.bin': sizeMiB,
    'quarter.bin': Math.max(1, sizeMiB / 4),
    'warm-up.bin': WARM_UP_MIB,
    'part.bin': Math.max(1, Math.round(sizeMiB / CLIENTS)),
    'small-part.bin': 1,
  };
}

/** @type {(wanted: Wanted) => Amount} */
export function fullAmount({ sizeMiB, files, requests = REQUESTS, connects = CONNECTS }) {
  const sizes = largeFiles(sizeMiB);
  return {
    bulk: 'bulk.bin',
    bulkMiB: sizes['bulk.bin'],
    part: 'part.bin',
    partMiB: sizes['part.bin'],
    clients: CLIENTS,
    files,
    directoryFiles: files,
    requests,
    lists: LISTS,
    connects,
    firsts: FIRSTS,
    programs: PROGRAMS,
    connections: CONNECTIONS,
  };
}

/** @type {(wanted: Wanted) => Amount} */
export function warmUpAmount(wanted) {
  const { requests = REQUESTS, connects = CONNECTS } = wanted;
  return {
    ...fullAmount(wanted),
    bulk: 'warm-up.bin',
    bulkMiB: WARM_UP_MIB,
    clients: 4,
    files: Math.min(wanted.files, 2000),
    requests: Math.ceil(requests / 2),
    lists: 2,
    connects: Math.min(connects, 500),
    programs: 2,
    connections: 20,
  };
}

/** A share of an amount: fewer items, and smaller files. @type {(amount: Amount, share: number) => Amount} */
export function shareOf(amount, share) {
  if (share === 1) return amount;
  const part = (/** @type {number} */ count) => Math.max(1, Math.round(count * share));
  return {
    ...amount,
    ...(amount.bulk === 'bulk.bin' && { bulk: 'quarter.bin', bulkMiB: Math.max(1, amount.bulkMiB / 4) }),
    part: 'small-part.bin',
    partMiB: 1,
    files: part(amount.files),
    requests: part(amount.requests),
    lists: part(amount.lists),
    connects: part(amount.connects),
    firsts: part(amount.firsts),
    programs: part(amount.programs),
    connections: part(amount.connections),
  };
}
