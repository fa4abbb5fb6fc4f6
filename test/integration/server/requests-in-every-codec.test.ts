/** Rules of requests that an implementer must be able to rely on, as raw frames in every codec. */
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileServer, type CodecName, type MemoryStorage } from '../../../src/index.js';
import type { RemotePath } from '../../../src/protocol/remote-path.js';
import { codecNames, data, frame, type Value } from '../../abuse/wire/frames/loose-frame.js';
import { LooseWire } from '../../support/frames/loose-wire.js';
import { connectionTo, storageOf } from '../../support/servers/serve.js';

const ID = '0123456789abcdef0123456789abcdef';
const sumOf = (text: string): string => `crc32:${crc32(text).toString(16).padStart(8, '0')}`;

/** A connection to a server with the file `file` (`hello`) and the directory `folder`. */
async function greeted(codec: CodecName): Promise<{ wire: LooseWire; storage: MemoryStorage }> {
  const storage = await storageOf({ file: 'hello' });
  await storage.mkdir('folder' as RemotePath, { recursive: false });
  const server = new FileServer({ storage });
  const wire = new LooseWire(connectionTo(server), codec);
  onTestFinished(async () => {
    wire.close();
    await server.close();
  });
  wire.send(frame('hello', { version: 1 }));
  await wire.receive('welcome');
  return { wire, storage };
}

/** Sends a request of its own id, and resolves with its terminal frame. */
async function ask(wire: LooseWire, id: number, fields: Record<string, Value | undefined>) {
  wire.send(frame('open', { id, ...fields }));
  await Promise.race([wire.receive('result', { id }), wire.receive('error', { id })]);
  return wire.wordsOf(id).at(-1);
}

describe.each(codecNames)('in %s', (codec) => {
  it('empty acks of the client have no effect, for any operation', async () => {
    const { wire } = await greeted(codec);
    const empty = (id: number) => frame('ack', { id, offset: 0, window: 0 });
    wire.send(frame('open', { id: 1, op: 'stat', path: 'file' }), empty(1));
    wire.send(
      frame('open', { id: 3, op: 'upload', path: 'new' }),
      empty(3),
      frame('end', { id: 3, size: 0 }),
    );
    wire.send(frame('open', { id: 5, op: 'download', path: 'file', window: 0 }), empty(5), empty(5));
    await wire.receive('result', { id: 1 });
    await wire.receive('result', { id: 3 });
    await wire.receive('accept', { id: 5 });
    await wire.settle();
    expect(wire.bodyOf(5)).toHaveLength(0);
    // Granted before `accept` or after it, a window is a window.
    wire.send(frame('ack', { id: 5, offset: 0, window: 5 }));
    await wire.receive('result', { id: 5, bytes: 5 });
  });

  it('data without bytes is allowed in an upload, before accept and after it', async () => {
    const { wire } = await greeted(codec);
    wire.send(frame('open', { id: 1, op: 'upload', path: 'new' }), data(1, ''), data(1, 'abc'), data(1, ''));
    await wire.receive('accept', { id: 1 });
    wire.send(data(1, ''), frame('end', { id: 1, size: 3, checksum: sumOf('abc') }));
    expect(await wire.receive('result', { id: 1 })).toMatchObject({ size: 3, bytes: 3 });
  });

  it('accept of an upload has a window, and an offset if and only if open has one', async () => {
    const { wire } = await greeted(codec);
    const resumable = { op: 'upload', path: 'new', upload: ID };
    wire.send(frame('open', { id: 1, ...resumable }));
    const first = await wire.receive('accept', { id: 1 });
    expect(first.window).toBeGreaterThan(0);
    expect(first.offset).toBeUndefined();
    wire.send(frame('cancel', { id: 1 }));
    await wire.receive('error', { id: 1 });
    for (const [id, size] of [
      [3, undefined],
      [5, 3],
    ] as const) {
      wire.send(frame('open', { id, ...resumable, size, offset: 0 }));
      const accept = await wire.receive('accept', { id });
      expect(accept.offset).toBe(0);
      expect(accept.window).toBeGreaterThan(0);
      wire.send(frame('cancel', { id }));
      await wire.receive('error', { id });
    }
  });

  it('accept of a download has the offset of open, or 0, and the checksum that was asked for', async () => {
    const { wire } = await greeted(codec);
    wire.send(
      frame('open', { id: 1, op: 'download', path: 'file', checksum: 'sha256' }),
      frame('open', { id: 3, op: 'download', path: 'file', offset: 2, checksum: 'none' }),
    );
    expect(await wire.receive('accept', { id: 1 })).toMatchObject({ offset: 0, checksum: 'sha256' });
    expect(await wire.receive('accept', { id: 3 })).toMatchObject({ offset: 2, checksum: 'none' });
  });

  it('a prefix without the name of its algorithm is EINVAL', async () => {
    const { wire } = await greeted(codec);
    const rest = { path: 'file', offset: 3, prefix: sumOf('hel') };
    expect(await ask(wire, 1, { op: 'download', ...rest })).toBe('EINVAL');
    expect(await ask(wire, 3, { op: 'download', ...rest, checksum: 'crc32' })).toBe('result');
    expect(wire.bodyOf(3).toString()).toBe('lo');
  });

  it('a rename onto itself exists, and changes nothing with overwrite', async () => {
    const { wire } = await greeted(codec);
    const itself = { path: 'file', to: 'file' };
    const folder = { path: 'folder', to: 'folder' };
    expect(await ask(wire, 1, { op: 'rename', ...itself })).toBe('EEXIST');
    expect(await ask(wire, 3, { op: 'rename', ...itself, overwrite: true })).toBe('result');
    expect(await ask(wire, 5, { op: 'rename', ...folder })).toBe('EEXIST');
    expect(await ask(wire, 7, { op: 'rename', ...folder, overwrite: true })).toBe('EISDIR');
    expect(await ask(wire, 9, { op: 'download', path: 'file' })).toBe('result');
    expect(wire.bodyOf(9).toString()).toBe('hello');
  });

  it('a copy is a new version with the time of the copy, also onto itself', async () => {
    const { wire } = await greeted(codec);
    expect(await ask(wire, 1, { op: 'utimes', path: 'file', mtime: 1_000 })).toBe('result');
    const before = Date.now();
    expect(await ask(wire, 3, { op: 'copy', path: 'file', to: 'other' })).toBe('result');
    expect((await wire.receive('result', { id: 3 })).mtime).toBeGreaterThanOrEqual(before);
    expect(await ask(wire, 5, { op: 'copy', path: 'file', to: 'file' })).toBe('EEXIST');
    expect(await ask(wire, 7, { op: 'copy', path: 'file', to: 'file', overwrite: true })).toBe('result');
    expect((await wire.receive('result', { id: 7 })).mtime).toBeGreaterThanOrEqual(before);
    expect(await ask(wire, 9, { op: 'download', path: 'file' })).toBe('result');
    expect(wire.bodyOf(9).toString()).toBe('hello');
  });

  it('a suspended upload is not joined with an open of another path', async () => {
    const { wire } = await greeted(codec);
    wire.send(frame('open', { id: 1, op: 'upload', path: 'new', upload: ID, offset: 0 }));
    await wire.receive('accept', { id: 1 });
    wire.send(data(1, 'abc'), frame('cancel', { id: 1 }));
    await wire.receive('error', { id: 1, code: 'ECANCELED' });
    expect(await ask(wire, 3, { op: 'upload', path: 'elsewhere', upload: ID, offset: 3 })).toBe('EGONE');
  });
});
