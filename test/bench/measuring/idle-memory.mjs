/** The memory of idle connections in a server that has had none before: servers keep memory of earlier ones. */
// @ts-check
import { setTimeout as pause } from 'node:timers/promises';
import { memoryKiB } from './processes.mjs';

/** @import { Contender, Task } from '../contender.mjs' */

/** Milliseconds until a server has finished its work after a connection. */
const SETTLE_MS = 300;

/** Connections that pay for what is allocated once. */
const FIRST = 50;

/** @type {(contender: Contender, task: Task) => Promise<import('./run.mjs').Run>} */
export async function idleMemory(contender, { workload, amount }) {
  const [family] = contender.families;
  await contender.run({ workload, amount: { ...amount, connections: Math.min(FIRST, amount.connections) } });
  const before = await held(contender);
  await contender.run({ workload, amount });
  const after = await held(contender);
  await contender.run({ workload: 'idle-end', amount });
  const each = (/** @type {'heapKiB' | 'residentKiB'} */ key) =>
    (after[key] - before[key]) / amount.connections;
  return { value: each('residentKiB'), ...(!family.isKeeper && { heapKiB: each('heapKiB') }) };
}

/** @param {Contender} contender */
async function held(contender) {
  await pause(SETTLE_MS);
  const { heapUsed, external, rss } = await contender.memory();
  const [family] = contender.families;
  return { heapKiB: (heapUsed + external) / 1024, residentKiB: memoryKiB(family) || rss / 1024 };
}
