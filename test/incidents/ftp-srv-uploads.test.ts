/** ftp-srv 4.6: a cut upload was reported as complete, and deleted the older file; a resumed one started with zeros. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../support/bytes.js';
import { serve, temporaryDirectory } from '../support/servers/serve.js';
import { ended, ID, offsetOf, UploadWire } from '../support/frames/upload-wire.js';

const OLDER = 'the older version';
const bytes = bytesOf(300_000);

async function served() {
  const root = await temporaryDirectory();
  await writeFile(path.join(root, 'file'), OLDER);
  const { server, port } = await serve({ root });
  return { root, server, port, text: async () => readFile(path.join(root, 'file'), 'utf8') };
}

describe.each([0, 1, 65_536, 299_999, 300_000])(
  'ftp-srv 4.6: an upload that is cut after %i bytes',
  (length) => {
    it.each(['by a reset', 'by an end'])('%s is not complete, and keeps the older file', async (how) => {
      const { root, server, port, text } = await served();
      const { upload } = await UploadWire.opened(port, `path=file size=${bytes.length}`);
      upload.data(bytes.subarray(0, length));
      const report = how === 'by a reset' ? await upload.cut(server) : await upload.halfClose(server);
      expect(report.error?.code).toBe('ECONNRESET');
      expect(server.stats().servedRequests).toBe(0);
      expect(await text()).toBe(OLDER);
      expect(await readdir(root)).toEqual(expect.arrayContaining(['file']));
      if (how === 'by an end') expect(await upload.wire.rest()).not.toContain('result');
    });
  },
);

describe('ftp-srv 4.6: an upload that sends its end', () => {
  it.each([
    ['of fewer bytes than it announced', ' size=9', 'end id=1 size=4\n'],
    ['of more bytes than came', '', 'end id=1 size=5\n'],
    ['of another checksum', '', 'end id=1 size=4 checksum=crc32:00000000\n'],
  ])('%s is not complete, and keeps the older file', async (_, fields, end) => {
    const { server, port, text } = await served();
    const { upload } = await UploadWire.opened(port, `path=file${fields}`);
    upload.wire.send(`data id=1 length=4\nhalf\n${end}`);
    expect(await upload.answer()).toMatch(/^error code=EBADMSG id=1 /);
    expect(await text()).toBe(OLDER);
    expect(server.stats().servedRequests).toBe(0);
  });
});

describe('ftp-srv 4.6: an upload that is resumed', () => {
  it('starts with the earlier bytes, not with zeros', async () => {
    const { server, port, root } = await served();
    const first = await UploadWire.opened(port, 'path=file');
    first.upload.data(bytes.subarray(0, 200_000));
    await first.upload.halfClose(server);
    const next = await UploadWire.opened(port, 'path=file offset=200000');
    const offset = offsetOf(next.answer);
    expect(offset).toBeLessThanOrEqual(200_000);
    next.upload.data(bytes.subarray(offset));
    next.upload.end(bytes);
    expect(await next.upload.answer()).toMatch(/^result id=1 /);
    expect((await readFile(path.join(root, 'file'))).equals(bytes)).toBe(true);
  });

  it('is refused when its earlier bytes are lost, and leaves no gap', async () => {
    const { server, port, root, text } = await served();
    const first = await UploadWire.opened(port, 'path=file');
    first.upload.data(bytes.subarray(0, 200_000));
    await first.upload.halfClose(server);
    for (const part of await readdir(path.join(root, '.socket-ftp'))) {
      await rm(path.join(root, '.socket-ftp', part));
    }
    for (const fields of [
      'path=file offset=200000 since=200000',
      `path=other upload=${ID} offset=100000 since=100000`,
    ]) {
      const over = ended(server);
      const { answer } = await UploadWire.opened(port, fields);
      expect(answer).toMatch(/^error code=/);
      expect((await over).error).toBeDefined();
    }
    expect(await text()).toBe(OLDER);
    expect(await readdir(root)).not.toContain('other');
  });
});
