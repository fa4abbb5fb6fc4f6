/** Listings of a directory, with the size and the time of each entry: `client.list()`. */
// @ts-check
import { SMALL } from '../amounts.mjs';

/** @import { Workload } from '../workload.mjs' */

/** @type {Workload} */
export const list = {
  title: 'entries of a directory, list',
  kind: 'rate',
  unit: 'entries/s',
  cpuUnit: 'us/entry',
  cpuFactor: 1e6,
  units: ({ lists, directoryFiles }) => lists * directoryFiles,
  run: async ({ session, amount }) => {
    for (let times = 0; times < amount.lists; times++) {
      const entries = await session.list(SMALL);
      if (entries !== amount.directoryFiles) throw new Error(`${entries} entries have arrived.`);
    }
  },
};
