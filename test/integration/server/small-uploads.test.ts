/** Small uploads as the server takes them: whole, before anything of them is written. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { UploadWire } from '../../support/frames/upload-wire.js';

const SIZE = 60_000;
const body = bytesOf(SIZE);

describe.each([true, false])('a small upload (flush %s)', (flush) => {
  it('is neither acknowledged nor written before all of it has arrived', async () => {
    const { root, port } = await place();
    const upload = await UploadWire.open(port, `path=file size=${SIZE}`);
    expect(await upload.wire.line()).toMatch(/^accept /);
    upload.data(body.subarray(0, SIZE - 1));
    upload.wire.send('ping token=1\n');
    expect(await upload.wire.line()).toMatch(/^pong /);
    expect(writtenIn(root)).toBe(0);
    upload.data(body.subarray(SIZE - 1));
    upload.end(body);
    expect(await upload.wire.line()).toMatch(/^result /);
    expect(fs.readFileSync(path.join(root, 'file')).equals(body)).toBe(true);
    expect(partsIn(root)).toEqual([]);
  });

  it('leaves nothing when it is cut, and is sent again from its first byte', async () => {
    const { root, port, server } = await place();
    fs.writeFileSync(path.join(root, 'file'), 'older');
    const { upload } = await UploadWire.opened(port, `path=file size=${SIZE}`);
    upload.data(body.subarray(0, 50_000));
    expect((await upload.cut(server)).error?.code).toBe('ECONNRESET');
    expect(partsIn(root)).toEqual([]);
    expect(fs.readFileSync(path.join(root, 'file'), 'utf8')).toBe('older');
    const { upload: again, answer } = await UploadWire.opened(port, `path=file size=${SIZE} offset=0`);
    expect(answer).toMatch(/^accept .*offset=0/);
    again.data(body);
    again.end(body);
    expect(await again.answer()).toMatch(/^result /);
    expect(fs.readFileSync(path.join(root, 'file')).equals(body)).toBe(true);
  });

  it.each([
    ['is longer', Buffer.concat([body, Buffer.of(1)]), /^error .*EBADMSG/],
    ['is shorter', body.subarray(1), /^error .*EBADMSG/],
    ['differs', Buffer.concat([body.subarray(1), Buffer.of(1)]), /^error .*EBADMSG/],
  ])('is refused when it %s, and keeps the older file', async (_, sent, refusal) => {
    const { root, port } = await place();
    fs.writeFileSync(path.join(root, 'file'), 'older');
    const { upload } = await UploadWire.opened(port, `path=file size=${SIZE}`);
    upload.data(sent);
    upload.end(sent.length === SIZE ? body : sent);
    expect(await upload.answer()).toMatch(refusal);
    expect(fs.readFileSync(path.join(root, 'file'), 'utf8')).toBe('older');
    expect(partsIn(root)).toEqual([]);
  });

  it('restarts, whatever was suspended or stored under its id before', async () => {
    const { root, port, server } = await place();
    const { upload: unknown } = await UploadWire.opened(port, 'path=file');
    unknown.data(body.subarray(0, 50_000));
    await unknown.cut(server);
    expect(partsIn(root)).toHaveLength(1);
    const { upload, answer } = await UploadWire.opened(port, `path=file size=${SIZE} offset=0`);
    expect(answer).toMatch(/^accept .*offset=0/);
    upload.data(body);
    upload.end(body);
    expect(await upload.answer()).toMatch(/^result /);
    const other = bytesOf(SIZE, 2);
    const { upload: again, answer: placed } = await UploadWire.opened(
      port,
      `path=file size=${SIZE} offset=0`,
    );
    expect(placed).toMatch(/^accept .*offset=0/);
    again.data(other);
    again.end(other);
    expect(await again.answer()).toMatch(/^result /);
    expect(fs.readFileSync(path.join(root, 'file')).equals(other)).toBe(true);
  });

  it('of no bytes creates an empty file', async () => {
    const { root, port } = await place();
    const { upload } = await UploadWire.opened(port, 'path=file size=0');
    upload.end(Buffer.alloc(0));
    expect(await upload.answer()).toMatch(/^result .*size=0/);
    expect(fs.readFileSync(path.join(root, 'file'))).toHaveLength(0);
  });

  it('with a condition is suspended like a large one', async () => {
    const { root, port, server } = await place();
    const fields = `path=file size=${SIZE} overwrite=false`;
    const { upload } = await UploadWire.opened(port, fields);
    upload.data(body.subarray(0, 50_000));
    await upload.cut(server);
    expect(partsIn(root)).toHaveLength(1);
    const { answer } = await UploadWire.opened(port, `${fields} offset=0`);
    expect(answer).toMatch(/^accept .*offset=50000/);
  });

  async function place() {
    const root = await temporaryDirectory();
    const { port, server } = await serve({ root, flush });
    return { root, port, server };
  }
});

function partsIn(root: string): string[] {
  const folder = path.join(root, '.socket-ftp');
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

function writtenIn(root: string): number {
  return partsIn(root).reduce((sum, name) => sum + fs.statSync(path.join(root, '.socket-ftp', name)).size, 0);
}
