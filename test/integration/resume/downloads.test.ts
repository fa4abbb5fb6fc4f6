/** Resumed downloads: the server compares the bytes of the client before it sends the rest. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { bytesOf } from '../../support/bytes.js';
import { serve } from '../../support/servers/serve.js';
import { checksumOf } from '../../support/frames/upload-wire.js';
import { Wire } from '../../support/frames/wire.js';
import { createHash } from 'node:crypto';

const bytes = bytesOf(600_000);

async function asked(fields: string): Promise<{ wire: Wire; answer: string; etag: string }> {
  const storage = new MemoryStorage();
  const { etag = '' } = await put(storage, 'file', bytes);
  const { port } = await serve({ storage });
  const wire = await Wire.connect(port);
  wire.send(`hello version=1\nopen id=1 op=download path=file ${fields.replace('ETAG', etag)}\n`);
  await wire.line();
  return { wire, answer: (await wire.line()) ?? '', etag };
}

const prefixOf = (since: number, offset: number): string => checksumOf(bytes.subarray(since, offset));

describe('a resumed download', () => {
  it.each([
    [0, 500_000],
    [100_000, 500_000],
    [500_000, 500_000],
    [0, 600_000],
  ])('gets the rest if its range from %i to %i matches the file', async (since, offset) => {
    const fields = `offset=${offset} since=${since} checksum=crc32 prefix=${prefixOf(since, offset)} ifMatch=ETAG`;
    const { wire, answer } = await asked(fields);
    expect(answer).toMatch(new RegExp(`^accept id=1 path=file kind=file offset=${offset} size=600000 `));
    const rest = await wire.line();
    const length = 600_000 - offset;
    const checksum = checksumOf(bytes.subarray(offset));
    if (length === 0) return expect(rest).toBe('result id=1 bytes=0 checksum=crc32:00000000');
    const [, first] = /^data id=1 length=(\d+)$/.exec(rest ?? '') ?? [];
    expect((await wire.payload(Number(first))).equals(bytes.subarray(offset, offset + Number(first)))).toBe(
      true,
    );
    if (Number(first) === length)
      expect(await wire.line()).toBe(`result id=1 bytes=${length} checksum=${checksum}`);
    return undefined;
  });

  it('is compared from byte 0 unless it names an offset, and may use another algorithm', async () => {
    const sha256 = createHash('sha256').update(bytes.subarray(0, 1_000)).digest('hex');
    const { answer } = await asked(`offset=1000 checksum=sha256 prefix=sha256:${sha256}`);
    expect(answer).toMatch(/^accept .* checksum=sha256( mode=\d+)?$/);
  });

  it.each([
    ['EBADMSG', `offset=500000 checksum=crc32 prefix=${prefixOf(1, 500_000)}`],
    ['EBADMSG', `offset=500000 since=499999 checksum=crc32 prefix=${prefixOf(499_998, 499_999)}`],
    ['EINVAL', `offset=10 prefix=${prefixOf(0, 10)} ifMatch=ETAG`],
    ['EINVAL', `offset=10 since=11 checksum=crc32 prefix=${prefixOf(0, 10)}`],
    ['EINVAL', `offset=10 checksum=sha256 prefix=${prefixOf(0, 10)}`],
    ['EINVAL', `offset=10 checksum=none prefix=${prefixOf(0, 10)}`],
    ['ERANGE', `offset=600001 checksum=crc32 prefix=${prefixOf(0, 10)}`],
    ['ESTALE', `offset=10 ifMatch=another checksum=crc32 prefix=${prefixOf(0, 9)}`],
  ])('is refused with %s before anything is sent: %s', async (code, fields) => {
    const { answer } = await asked(fields);
    expect(answer).toMatch(new RegExp(`^error code=${code} id=1 `));
  });
});
