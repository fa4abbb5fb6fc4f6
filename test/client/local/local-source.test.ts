/** The local file of an upload, which is read again if only its bytes tell whether it has changed. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { LocalSource } from '../../../src/client/local/local-source.js';
import { BodyChecksum } from '../../../src/protocol/body-checksum.js';
import { bytesOf } from '../../support/bytes.js';
import { temporaryDirectory } from '../../support/servers/serve.js';

const SIZE = 2_000_000;

/** A file whose permissions have changed since it was opened. */
async function changedSource(): Promise<LocalSource> {
  const file = path.join(await temporaryDirectory(), 'file');
  fs.writeFileSync(file, bytesOf(SIZE));
  const source = await LocalSource.open(file);
  fs.chmodSync(file, 0o600);
  return source;
}

it('is not read to its end if the check after a piece throws', async () => {
  const source = await changedSource();
  const check = vi.fn(() => {
    throw new Error('cancelled');
  });
  const unchanged = source.assertUnchanged({ bytes: SIZE, checksum: () => new BodyChecksum('crc32') }, check);
  await expect(unchanged).rejects.toThrow('cancelled');
  expect(check).toHaveBeenCalledTimes(1);
  await source.close();
});

it('is not read without a checksum to compare', async () => {
  const source = await changedSource();
  const pieces = vi.spyOn(source, 'pieces');
  const unchanged = source.assertUnchanged({ bytes: SIZE, checksum: () => new BodyChecksum('none') });
  await expect(unchanged).rejects.toMatchObject({ code: 'ESTALE' });
  expect(pieces).not.toHaveBeenCalled();
  await source.close();
});
