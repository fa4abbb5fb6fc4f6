/** Files of 4 KiB as values: `client.readFile()` for each. */
// @ts-check
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { PAGES, PAGE_BYTES, smallName } from '../amounts.mjs';
import { AT_ONCE, small } from '../workload.mjs';

export const readFile = small('files of 4 KiB down, readFile, 64 in flight', ({ session, amount }) =>
  forEachAtOnce(amount.files, AT_ONCE, async (index) => {
    const { length } = await session.readFile(`${PAGES}/${smallName(index)}`);
    if (length !== PAGE_BYTES) throw new Error(`${length} bytes have arrived.`);
  }),
);
