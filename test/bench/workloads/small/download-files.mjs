/** Small files into files: `client.downloadFile()` for each. */
// @ts-check
import path from 'node:path';
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { SMALL, smallName } from '../amounts.mjs';
import { AT_ONCE, small } from '../workload.mjs';

export const downloadFiles = small('small files down, downloadFile, 64 in flight', download(AT_ONCE));
export const downloadFilesInTurn = small('small files down, downloadFile, one after another', download(1));

/** @type {(atOnce: number) => import('../workload.mjs').Workload['run']} */
function download(atOnce) {
  return ({ session, amount, places }) =>
    forEachAtOnce(amount.files, atOnce, async (index) => {
      const name = smallName(index);
      await session.downloadFile(`${SMALL}/${name}`, path.join(places.target, name));
    });
}
