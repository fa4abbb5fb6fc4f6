/** The workloads. Each client implements them, or the table of contenders has the reason why not. */
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
 * @property {number} requests
 * @property {number} connects - how many connections one after another
 * @property {number} connections - how many connections that do nothing
 */

/**
 * `rate`: units a second, more is better. `time`: milliseconds of one. `memory`: KiB of one.
 * @typedef {object} Workload
 * @property {string} title
 * @property {'rate' | 'time' | 'memory'} kind
 * @property {string} unit
 * @property {string} per - the unit of CPU time
 * @property {number} perUnits - so many units
 * @property {(amount: Amount) => number} units
 */

/** The MiB of the bulk file, which are the cost of a copy. @type {Workload['units']} */
export const bulkUnits = ({ bulkMiB }) => bulkMiB;

/** @type {(title: string, units?: Workload['units']) => Workload} */
function bulk(title, units = bulkUnits) {
  return { title, kind: 'rate', unit: 'MiB/s', per: 'GiB', perUnits: 1024, units };
}

/** @type {(title: string) => Workload} */
function small(title) {
  const units = (/** @type {Amount} */ { files }) => files;
  return { title, kind: 'rate', unit: 'files/s', per: '1,000 files', perUnits: 1000, units };
}

/** @type {(title: string) => Workload} */
function tiny(title) {
  const units = (/** @type {Amount} */ { requests }) => requests;
  return { title, kind: 'rate', unit: 'requests/s', per: '100,000 requests', perUnits: 100_000, units };
}

/** @type {Record<string, Workload>} */
export const workloads = {
  download: bulk('bulk download, discarded'),
  'download-file': bulk('bulk download, into memory'),
  'download-disk': bulk('bulk download, to disk'),
  upload: bulk('bulk upload, into memory'),
  'upload-durable': bulk('bulk upload, into memory, fsync'),
  'small-down': small('small files down, 64 in flight'),
  'small-down-1': small('small files down, one after another'),
  'small-up': small('small files up, 64 in flight'),
  'small-up-1': small('small files up, one after another'),
  stat: tiny('stat, one after another'),
  'stat-64': tiny('stat, 64 in flight'),
  'calls-64': tiny('calls of a method, 64 in flight'),
  'ping-64': tiny('ping, 64 in flight'),
  fresh: {
    title: 'a fresh connection and a small file, median',
    kind: 'time',
    unit: 'ms',
    per: '1,000 connections',
    perUnits: 1000,
    units: ({ connects }) => connects,
  },
  'clients-100': bulk('100 clients at once, all together', ({ clients, partMiB }) => clients * partMiB),
  idle: {
    title: 'an idle connection, memory of the server',
    kind: 'memory',
    unit: 'KiB',
    per: '1,000 connections',
    perUnits: 1000,
    units: ({ connections }) => connections,
  },
};

export const workloadNames = Object.keys(workloads);

/** How many small files or requests are under way at once. */
export const AT_ONCE = 64;

const REQUESTS = 20_000;
const CONNECTS = 1_500;
const CLIENTS = 100;
const CONNECTIONS = 2_000;
const WARM_UP_MIB = 64;

/** The name of a small file, in the folder `small`. @type {(index: number) => string} */
export function smallName(index) {
  return `${index}.bin`;
}

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

/** How much it is to be. @typedef {{ sizeMiB: number, files: number, requests?: number, connects?: number }} Wanted */

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
    requests,
    connects,
    connections: CONNECTIONS,
  };
}

/** @type {(wanted: Wanted) => Amount} */
export function warmUpAmount(wanted) {
  return {
    ...fullAmount(wanted),
    bulk: 'warm-up.bin',
    bulkMiB: WARM_UP_MIB,
    clients: 4,
    files: Math.min(wanted.files, 2000),
    requests: REQUESTS / 4,
    connects: Math.min(wanted.connects ?? CONNECTS, 1_000),
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
    connects: part(amount.connects),
    connections: part(amount.connections),
  };
}
