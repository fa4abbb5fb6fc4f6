/** A large download into a file: `client.downloadFile()`. */
// @ts-check
import path from 'node:path';
import { bulk } from '../workload.mjs';

export const downloadFile = bulk(
  'large download into a file, downloadFile',
  async ({ session, amount, places }) => {
    await session.downloadFile(amount.bulk, path.join(places.target, amount.bulk));
  },
);
