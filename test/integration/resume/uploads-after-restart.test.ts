/** Uploads into a directory that another server resumes, as after a crash or a restart. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, temporaryDirectory, type Served } from '../../support/servers/serve.js';
import { checksumOf, offsetOf, UploadWire } from '../../support/frames/upload-wire.js';

const SIZE = 1_500_000;
const bytes = bytesOf(SIZE);

/** A server that has received 600,000 bytes and is closed. */
async function suspendedIn(root: string): Promise<void> {
  const first = await serve({ root });
  const { upload } = await UploadWire.opened(first.port, 'path=file');
  upload.data(bytes.subarray(0, 600_000));
  await upload.halfClose(first.server);
  await first.server.close();
}

async function privateNames(root: string): Promise<string[]> {
  return readdir(path.join(root, '.socket-ftp')).catch(() => []);
}

async function stored({ port }: Served, fields: string, content = bytes): Promise<string> {
  const { upload } = await UploadWire.opened(port, fields);
  upload.data(content);
  upload.end(content);
  const answer = await upload.answer();
  upload.wire.socket.end();
  return answer;
}

describe('another server of the same directory', () => {
  it('resumes an upload after hashing its stored bytes', async () => {
    const root = await temporaryDirectory();
    await suspendedIn(root);
    const { port } = await serve({ root });
    const { upload, answer } = await UploadWire.opened(port, 'path=file offset=600000');
    expect(offsetOf(answer)).toBe(600_000);
    upload.data(bytes.subarray(600_000));
    upload.end(bytes);
    expect(await upload.answer()).toContain(` bytes=${SIZE} checksum=${checksumOf(bytes)}`);
    expect((await readFile(path.join(root, 'file'))).equals(bytes)).toBe(true);
  });

  it('detects bytes that were damaged on the disk', async () => {
    const root = await temporaryDirectory();
    await suspendedIn(root);
    const [part = ''] = await privateNames(root);
    await writeFile(path.join(root, '.socket-ftp', part), Buffer.alloc(600_000, 1));
    const { port } = await serve({ root });
    const { upload } = await UploadWire.opened(port, 'path=file offset=0');
    upload.data(bytes.subarray(600_000));
    upload.end(bytes);
    expect(await upload.answer()).toMatch(/^error code=EBADMSG /);
    expect(await privateNames(root)).toEqual([]);
  });

  it('repeats the result of an upload, even if the file was removed', async () => {
    const root = await temporaryDirectory();
    const first = await serve({ root });
    const result = await stored(first, 'path=file');
    await first.server.close();
    const { port } = await serve({ root });
    for (const offset of [0, SIZE]) {
      expect((await UploadWire.opened(port, `path=file offset=${offset}`)).answer).toBe(result);
    }
    await rm(path.join(root, 'file'));
    for (const offset of [0, SIZE]) {
      const told = (await UploadWire.opened(port, `path=file offset=${offset}`)).answer;
      expect(told).toBe(result.replace(/ (?:etag|mode)=\S+/g, ''));
    }
  });

  it.each(['overwrite=false', 'ifMatch='])(
    'repeats the result of a small upload that is not idempotent (%s)',
    async (condition) => {
      const root = await temporaryDirectory();
      const first = await serve({ root });
      const small = bytes.subarray(0, 100);
      const before = await stored(first, `path=file upload=${'e'.repeat(32)}`, small);
      if (condition === 'overwrite=false') await rm(path.join(root, 'file'));
      const [, etag = ''] = /etag=(\S+)/.exec(before) ?? [];
      const fields = `path=file ${condition}${condition.endsWith('=') ? etag : ''}`;
      const result = await stored(first, fields, small);
      expect(result).toMatch(/^result /);
      await first.server.close();
      const { port } = await serve({ root });
      expect((await UploadWire.opened(port, `${fields} offset=0`)).answer).toBe(result);
    },
  );

  it('keeps no commit record of a small idempotent upload', async () => {
    const root = await temporaryDirectory();
    const { port, server } = await serve({ root });
    const small = bytes.subarray(0, 100_000);
    const { upload } = await UploadWire.opened(port, 'path=file');
    upload.data(small);
    upload.end(small);
    expect(await upload.answer()).toMatch(/^result /);
    expect(await privateNames(root)).toEqual([]);
    await server.close();
    expect(await readdir(root)).toEqual(['file']);
  });

  it('forgets expired uploads', async () => {
    const root = await temporaryDirectory();
    await suspendedIn(root);
    const storage = new DirectoryStorage(root, { suspendedExpiryMs: 1 });
    const { port } = await serve({ storage });
    expect((await UploadWire.opened(port, 'path=file offset=1')).answer).toMatch(
      /^error code=EGONE id=1 message=The%20upload%20has%20expired\. retryable=false$/,
    );
    expect(await privateNames(root)).toEqual([]);
  });

  it('does not take over an upload that another server is writing', async () => {
    const root = await temporaryDirectory();
    const storage = new DirectoryStorage(root);
    const [one, two] = [await serve({ storage }), await serve({ storage })];
    const { upload } = await UploadWire.opened(one.port, 'path=file');
    expect((await UploadWire.opened(two.port, 'path=file offset=0')).answer).toMatch(
      /^error code=EBUSY .* retryable=true$/,
    );
    upload.data(bytes);
    upload.end(bytes);
    expect(await upload.answer()).toMatch(/^result /);
    expect((await UploadWire.opened(two.port, 'path=file offset=0')).answer).toMatch(/^result /);
  });
});

it.each([
  ['with a large window, of which nothing is acknowledged, without', {}, undefined],
  [
    'with a small window with',
    { maxBufferedBytesPerConnection: 131_072 },
    checksumOf(bytes.subarray(0, 300_000)),
  ],
])('a server stores a short upload %s its checksum', async (_window, limits, expected) => {
  const storage = new DirectoryStorage(await temporaryDirectory());
  const tokens: (string | undefined)[] = [];
  const write = storage.write.bind(storage);
  storage.write = async (...given) => {
    const file = await write(...given);
    const commit = file.commit.bind(file);
    file.commit = (token) => {
      tokens.push(token);
      return commit(token);
    };
    return file;
  };
  const { connect } = await serve({ storage, limits });
  await connect().writeFile('file', Readable.from([bytes.subarray(0, 300_000)]));
  // A client that has dropped acknowledged bytes needs the result after a restart.
  expect(tokens).toEqual([expected]);
});
