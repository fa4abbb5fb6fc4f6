/** Values of 4 KiB into files: `client.writeFile()` for each. */
// @ts-check
import { randomBytes } from 'node:crypto';
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { PAGE_BYTES, smallName } from '../amounts.mjs';
import { AT_ONCE, small } from '../workload.mjs';

const page = randomBytes(PAGE_BYTES);

export const writeFile = small('files of 4 KiB up, writeFile, 64 in flight', ({ session, amount }) =>
  forEachAtOnce(amount.files, AT_ONCE, (index) => session.writeFile(`up/${smallName(index)}`, page)),
);
