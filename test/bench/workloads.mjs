/** What is measured. Each client knows how to do all of these; here is what they are called, and in what they count. */
// @ts-check

/**
 * How much one run of a workload moves.
 * @typedef {object} Amount
 * @property {string} bulk - the name of the bulk file
 * @property {number} bulkMiB
 * @property {number} files - how many of the small files
 * @property {number} requests
 */

/**
 * @typedef {object} Workload
 * @property {string} title
 * @property {'MiB/s' | 'files/s' | 'requests/s'} unit
 */

/** @type {Record<string, Workload>} */
export const workloads = {
  download: { title: 'bulk download, to nowhere', unit: 'MiB/s' },
  'download-file': { title: 'bulk download, into a file', unit: 'MiB/s' },
  upload: { title: 'bulk upload, no fsync', unit: 'MiB/s' },
  'upload-durable': { title: 'bulk upload, fsync at commit (not in raw)', unit: 'MiB/s' },
  'small-down': { title: 'small files down, 64 at once', unit: 'files/s' },
  'small-up': { title: 'small files up, 64 at once, no fsync', unit: 'files/s' },
  stat: { title: 'stat, one after another', unit: 'requests/s' },
  'stat-64': { title: 'stat, 64 at once', unit: 'requests/s' },
};

export const workloadNames = Object.keys(workloads);

/** How many small files or requests are under way at once. */
export const AT_ONCE = 64;

/** The units of a workload that an amount makes. @type {(workload: Workload, amount: Amount) => number} */
export function unitsOf({ unit }, amount) {
  if (unit === 'MiB/s') return amount.bulkMiB;
  return unit === 'files/s' ? amount.files : amount.requests;
}

/** The name of a small file. @type {(index: number) => string} */
export function smallName(index) {
  return `small-${index}.bin`;
}

/**
 * Does something for every number below `count`, so many at once.
 *
 * @param {number} count
 * @param {number} atOnce
 * @param {(index: number) => Promise<unknown>} action
 */
export async function forEachAtOnce(count, atOnce, action) {
  let next = 0;
  const worker = async () => {
    while (next < count) await action(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
