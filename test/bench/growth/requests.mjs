/** Requests on one connection: so many in flight, and so many that wait for a channel or for the strategy. */
// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rowOf } from './figures.mjs';
import { Pair } from './pair.mjs';

/** @import { Scene } from '../growth.mjs' */

const REQUESTS = 20_000;
const IN_FLIGHT = [1, 16, 64];
const CHANNELS = [1, 64, 1_000, 10_000];
const QUEUED = [64, 1_000, 10_000, 100_000];

/** @param {Scene} scene */
export async function growChannels({ folder, table, max, profiles }) {
  const root = path.join(folder, 'requests');
  mkdirSync(root);
  writeFileSync(path.join(root, 'file'), 'some bytes');
  await inFlight('in flight, by default', { root, sizes: IN_FLIGHT }, { table, max, profiles });
  const limits = { maxChannels: 65_536, maxQueuedRequests: 65_536 };
  await inFlight(
    'in flight, with more channels',
    { root, sizes: CHANNELS, limits },
    { table, max, profiles },
  );
  await inFlight('waiting in the client', { root, sizes: QUEUED }, { table, max, profiles });
}

/**
 * @param {string} what
 * @param {{ root: string, sizes: readonly number[], limits?: object }} serves
 * @param {Pick<Scene, 'table' | 'max' | 'profiles'>} scene
 */
async function inFlight(what, { root, sizes, limits }, { table, max, profiles }) {
  const pair = await Pair.start({ storage: { root }, limits }, profiles);
  try {
    await pair.client('stat', { names: namesOf(REQUESTS), atOnce: 64 });
    for (const atOnce of sizes.filter((one) => one <= max)) {
      const names = namesOf(Math.max(REQUESTS, atOnce));
      table.add(rowOf(`stat, ${what}`, atOnce, await pair.cost('stat', { names, atOnce })));
    }
  } finally {
    await pair.stop();
  }
}

/** @param {number} count */
function namesOf(count) {
  return Array.from({ length: count }, () => 'file');
}
