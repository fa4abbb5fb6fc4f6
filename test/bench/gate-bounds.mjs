/**
 * Bounds of `npm run bench:gate`: the speed of the binary codec as a multiple of raw, the median of a few rounds. A bound is
 * about half to two thirds of the value measured when it was set, so that random variation stays above it, and a
 * regression that users notice does not. What the library has to reach is in `bounds.mjs`.
 */
// @ts-check

/** The least that a workload may be, in times of raw. @type {Record<string, number>} */
export const bounds = {
  pipeline: 0.5,
  'download-file': 0.6,
  'upload-file': 0.6,
  'small-down': 1,
  'small-up': 0.8,
  'read-file': 1.4,
  'stat-64': 0.5,
  'ping-64': 0.9,
};

/** Without pinning to one core, results vary more: the factor of the bounds in this case. */
export const UNPINNED = 0.4;

export const WANTED = { sizeMiB: 128, files: 500, requests: 5_000 };

/** Rounds that count. */
export const ROUNDS = 3;

/** How often it may be missed before it counts: a machine can be busy. */
export const TRIES = 2;
