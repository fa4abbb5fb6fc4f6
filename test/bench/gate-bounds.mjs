/**
 * What `npm run bench:gate` asks for: the speed of the binary codec in times of raw, each the median of a few rounds. It
 * is about half to two thirds of what was measured when it was written down, so that chance does not reach it, and a
 * change for the worse that somebody would notice does.
 */
// @ts-check

/** The least that a workload may be, in times of raw. @type {Record<string, number>} */
export const bounds = {
  download: 0.5,
  'download-file': 0.6,
  upload: 0.4,
  'small-down': 1.7,
  'small-up': 1.2,
  'stat-64': 0.5,
  'ping-64': 0.9,
};

/** Where processes cannot be put on one core, luck decides more: what is left of the bounds then. */
export const UNPINNED = 0.4;

export const WANTED = { sizeMiB: 128, files: 1_500, requests: 5_000 };

/** Rounds that count. */
export const ROUNDS = 3;

/** How often it may be missed before it counts: a machine can be busy. */
export const TRIES = 2;
