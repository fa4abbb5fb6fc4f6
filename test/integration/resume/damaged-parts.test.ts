/** A server with parts and commit records in the private folder that another program has changed. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { ended, ID, offsetOf, partName, UploadWire } from '../../support/frames/upload-wire.js';

const SIZE = 1_500_000;
const bytes = bytesOf(SIZE);

describe('a part of a suspended upload', () => {
  it('that is longer than the announced file is not resumed', async () => {
    const root = await temporaryDirectory();
    const first = await serve({ root });
    await UploadWire.interrupted(first, bytes.subarray(0, 600_000));
    await first.server.close();
    const part = path.join(root, '.socket-ftp', `${partName(ID, 'file')}.part`);
    await fs.appendFile(part, Buffer.alloc(SIZE));
    const place = await serve({ root });
    const { answer } = await UploadWire.opened(place.port, `path=file offset=0 size=${SIZE}`);
    expect(offsetOf(answer)).toBe(0);
  });

  it('that was extended does not block uploadFile permanently', async () => {
    const root = await temporaryDirectory();
    const local = path.join(await temporaryDirectory(), 'source');
    await fs.writeFile(local, bytes);
    const { connect, server } = await serve({ root });
    const controller = new AbortController();
    const begun = connect().uploadFile(local, 'file', {
      signal: controller.signal,
      onProgress: ({ bytes: now }) => {
        if (now > 700_000) controller.abort();
      },
    });
    const over = ended(server);
    await expect(begun).rejects.toMatchObject({ code: 'ECANCELED' });
    await over;
    const names = await fs.readdir(path.join(root, '.socket-ftp'));
    expect(names).toHaveLength(1);
    await fs.appendFile(path.join(root, '.socket-ftp', names[0] ?? ''), Buffer.alloc(SIZE));
    const outcomes: string[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const outcome = connect().uploadFile(local, 'file');
      outcomes.push(
        await outcome.then(
          () => 'stored',
          (error: unknown) => String(error),
        ),
      );
    }
    expect(outcomes).toContain('stored');
  });
});

describe('an upload that another process still writes', () => {
  it('is not said to be stored when its file is another one', async () => {
    const root = await temporaryDirectory();
    // Two storages of one directory, as of a process that is being replaced by the next one.
    const [old, next] = [await serve({ root }), await serve({ root })];
    const late = await UploadWire.opened(old.port, 'path=file');
    late.upload.data(bytes.subarray(0, 600_000));
    expect(await late.upload.wire.line()).toMatch(/^ack /);
    const { upload, answer } = await UploadWire.opened(next.port, 'path=file offset=0');
    const from = offsetOf(answer);
    expect(from).toBeGreaterThan(0);
    // Bytes in flight to the old process.
    late.upload.data(bytes.subarray(600_000, 1_200_000));
    expect((await late.upload.halfClose(old.server)).error?.code).toBe('ECONNRESET');
    upload.data(bytes.subarray(from));
    upload.end(bytes);
    const result = await upload.answer();
    const same = await fs.readFile(path.join(root, 'file')).then(
      (content) => content.equals(bytes),
      () => undefined,
    );
    if (result.startsWith('result')) expect({ result, same }).toEqual({ result, same: true });
    else expect(same).toBeUndefined();
  });
});

describe('a commit record', () => {
  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['a size that is none', '{"commitToken":"crc32:00000000","file":"x","size":-1,"mtimeMs":0}'],
    ['a time that is none', '{"commitToken":"crc32:00000000","file":"x","size":1,"mtimeMs":1e300}'],
    ['a commit token that is none', '{"commitToken":"\\u0000","file":"x","size":1,"mtimeMs":0}'],
  ])('that is %s is taken for none', async (_what, text) => {
    const root = await temporaryDirectory();
    await fs.mkdir(path.join(root, '.socket-ftp'));
    await fs.writeFile(path.join(root, '.socket-ftp', `${partName(ID, 'file')}.done`), text);
    const place = await serve({ root });
    const { answer } = await UploadWire.opened(place.port, 'path=file offset=1');
    expect(answer).toMatch(/^error code=EGONE /);
  });
});
