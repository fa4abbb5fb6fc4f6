/** A download as a stream: `pipeline(client.download(), writable)`. */
// @ts-check
import { Counter } from '../counter.mjs';
import { bulk } from '../workload.mjs';

const MIB = 1024 * 1024;

export const pipeline = bulk('large download, pipeline to a Writable', async ({ session, amount }) => {
  const counter = new Counter();
  await session.pipe(amount.bulk, counter.writable);
  counter.expect(amount.bulkMiB * MIB);
});
