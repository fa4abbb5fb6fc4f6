/** Small files from files: `client.uploadFile()` for each. */
// @ts-check
import path from 'node:path';
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { SMALL, smallName } from '../amounts.mjs';
import { AT_ONCE, small } from '../workload.mjs';

export const uploadFiles = small('small files up, uploadFile, 64 in flight', upload(AT_ONCE));
export const uploadFilesInTurn = small('small files up, uploadFile, one after another', upload(1));

/** @type {(atOnce: number) => import('../workload.mjs').Workload['run']} */
function upload(atOnce) {
  return ({ session, amount, places }) =>
    forEachAtOnce(amount.files, atOnce, async (index) => {
      const name = smallName(index);
      await session.uploadFile(path.join(places.root, SMALL, name), `up/${name}`);
    });
}
