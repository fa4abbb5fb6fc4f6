/** Small files into files by streams: `pipeline(client.download(), createWriteStream())` for each. */
// @ts-check
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { SMALL, smallName } from '../amounts.mjs';
import { AT_ONCE, small } from '../workload.mjs';

export const pipelines = small(
  'small files down, pipeline to createWriteStream, 64 in flight',
  ({ session, amount, places }) =>
    forEachAtOnce(amount.files, AT_ONCE, async (index) => {
      const name = smallName(index);
      await session.pipe(`${SMALL}/${name}`, createWriteStream(path.join(places.target, name)));
    }),
);
