/** Many clients at once, with a connection and a download each. The time of each one shows how fair the server is. */
// @ts-check
import { timesOf } from '../../measuring/at-once.mjs';
import { Counter } from '../counter.mjs';
import { bulk } from '../workload.mjs';

const MIB = 1024 * 1024;

export const clients = bulk(
  '100 clients at once, all together',
  async ({ connect, amount }) => {
    const sessions = Array.from({ length: amount.clients }, connect);
    const times = await timesOf(sessions, sessions.length, async (session) => {
      const counter = new Counter();
      await session.pipe(amount.part, counter.writable);
      counter.expect(amount.partMiB * MIB);
    });
    await Promise.all(sessions.map((session) => session.close()));
    return { times };
  },
  ({ clients, partMiB }) => clients * partMiB,
);
