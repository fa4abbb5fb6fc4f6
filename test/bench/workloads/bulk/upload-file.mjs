/** A large upload from a file: `client.uploadFile()`. */
// @ts-check
import path from 'node:path';
import { bulk } from '../workload.mjs';

export const uploadFile = bulk('large upload of a file, uploadFile', async ({ session, amount, places }) => {
  await session.uploadFile(path.join(places.root, amount.bulk), `up/${amount.bulk}`);
});

export const uploadDurable = bulk(
  'large upload of a file, flushed to disk',
  async ({ session, amount, places }) => {
    const options = { flush: true };
    await session.uploadFile(path.join(places.root, amount.bulk), `up/${amount.bulk}`, options);
  },
);
