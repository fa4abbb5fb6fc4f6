/** Connections of one server: memory and cost of each idle one, and their effect on others. */
// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rowOf } from './figures.mjs';
import { Pair } from './pair.mjs';

/** @import { Scene } from '../growth.mjs' */

const SIZES = [100, 1_000, 10_000];

/** Long enough for every connection to be asked for a sign of life. */
const IDLE_MS = 20_000;

const MORE = 200;
const REQUESTS = 5_000;

/** @param {Scene} scene */
export async function growConnections({ folder, table, max, profiles }) {
  const root = path.join(folder, 'connections');
  mkdirSync(root);
  writeFileSync(path.join(root, 'file'), 'some bytes');
  const many = { maxConnections: 20_000, maxConnectionsPerAddress: 20_000 };
  const pair = await Pair.start({ storage: { root }, limits: many }, profiles);
  const names = Array.from({ length: REQUESTS }, () => 'file');
  try {
    await pair.client('connect', { count: 50 });
    await pair.client('oneMore', { times: MORE });
    await pair.client('stat', { names });
    await pair.client('drop');
    const before = await pair.server('held');
    let open = 0;
    for (const size of SIZES.filter((one) => one <= max)) {
      const opening = await pair.cost('connect', { count: size - open });
      open = size;
      const { heapBytes } = await pair.server('held');
      const heldKiB = (heapBytes - before.heapBytes) / size / 1024;
      table.add({ ...rowOf('connect, a connection', size, opening), heldKiB });
      table.add(rowOf('one more connection', size, await pair.cost('oneMore', { times: MORE })));
      table.add(rowOf('stat beside them', size, await pair.cost('stat', { names })));
      table.add(rowOf('being idle, a connection', size, await pair.cost('idle', { ms: IDLE_MS })));
    }
    await pair.client('drop');
  } finally {
    await pair.stop();
  }
}
