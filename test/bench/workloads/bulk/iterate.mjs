/** A download as an iterable: `for await (const chunk of client.download())`. */
// @ts-check
import { bulk } from '../workload.mjs';

const MIB = 1024 * 1024;

export const iterate = bulk('large download, for await', async ({ session, amount }) => {
  let bytes = 0;
  for await (const chunk of session.iterate(amount.bulk)) bytes += chunk.length;
  if (bytes !== amount.bulkMiB * MIB) throw new Error(`${bytes} bytes have arrived.`);
});
