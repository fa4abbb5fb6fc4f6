/** A storage of two stream functions: which streams it opens, and how they end. */
import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { at, put, type WritableStorage } from '../../../src/contracts/storage/storage-fixture.js';
import { storageFromStreams } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { objectStore, type ObjectStore } from '../../support/doubles/object-store.js';

const SIZE = 100_000;
const replace = { overwrite: true };

async function filled(): Promise<ObjectStore> {
  const store = objectStore();
  await put(store.storage as WritableStorage, 'file', bytesOf(SIZE));
  return store;
}

describe('a file that is read by a stream', () => {
  it('is read by one stream while reads are sequential, which close() destroys', async () => {
    const { storage, readers } = await filled();
    const file = await storage.read(at('file'));
    const target = Buffer.alloc(10_000);
    let position = 0;
    for (let bytes; (bytes = await file.read(target, position)) > 0; position += bytes) {
      expect(target.subarray(0, bytes).equals(bytesOf(SIZE).subarray(position, position + bytes))).toBe(true);
    }
    expect(position).toBe(SIZE);
    await file.close();
    expect(readers.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  it('is read at another position by another stream, of the same version', async () => {
    const { storage, readers } = await filled();
    const file = await storage.read(at('file'));
    const target = Buffer.alloc(10);
    expect(await file.read(target, 50_000)).toBe(10);
    expect(target.equals(bytesOf(SIZE).subarray(50_000, 50_010))).toBe(true);
    expect(readers.map(({ destroyed }) => destroyed)).toEqual([true, false]);
    await put(storage as WritableStorage, 'file', 'newer');
    await expect(file.read(target, 0)).rejects.toMatchObject({ code: 'ESTALE' });
    await file.close();
    expect(readers.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('reports an error of its stream as a TransferError', async () => {
    const { functions } = await filled();
    const broken = (): Readable =>
      new Readable({ read: (): void => undefined }).destroy(
        Object.assign(new Error('secret'), { code: 'ETIMEDOUT' }),
      );
    const file = await storageFromStreams({ ...functions, createReadStream: broken }).read(at('file'));
    await expect(file.read(Buffer.alloc(10), 0)).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'ETIMEDOUT',
      path: 'file',
    });
  });
});

describe('a version that is written by a stream', () => {
  it('is stored when its stream finishes, and waits for the previous stream', async () => {
    const { functions } = objectStore();
    let proceed = (): void => undefined;
    const writer = new Writable({
      write: (_chunk, _encoding, done) => void (proceed = done),
    });
    const storage = storageFromStreams({ ...functions, createWriteStream: () => writer });
    const pending = await storage.write?.(at('file'), replace);
    let written = false;
    const writing = pending?.write([bytesOf(10)]).then(() => (written = true));
    await new Promise(setImmediate);
    expect(written).toBe(false);
    proceed();
    await writing;
    expect(writer.writableFinished).toBe(false);
  });

  it.each(['discard', 'a failing write', 'a condition at the commit'])(
    'is not stored, and its stream is destroyed, after %s',
    async (end) => {
      const { storage, writers } = objectStore();
      const pending = await storage.write?.(at('file'), { overwrite: false });
      await pending?.write([bytesOf(10)]);
      if (end === 'discard') await pending?.discard();
      if (end === 'a failing write') {
        writers[0]?.destroy(Object.assign(new Error('full'), { code: 'ENOSPC' }));
        await expect(pending?.write([bytesOf(10)])).rejects.toMatchObject({ code: 'ENOSPC' });
      }
      if (end === 'a condition at the commit') {
        await put(storage as WritableStorage, 'file', 'first');
        await expect(pending?.commit()).rejects.toMatchObject({ name: 'TransferError', code: 'EEXIST' });
        await storage.remove?.(at('file'), { recursive: false });
      }
      expect(writers[0]?.destroyed).toBe(true);
      await expect(storage.stat(at('file'))).rejects.toMatchObject({ code: 'ENOENT' });
    },
  );

  it('a storage from streams has the operations whose functions are given, and no others', () => {
    const { stat, list, createReadStream } = objectStore().functions;
    expect(Object.keys(storageFromStreams({ stat, list, createReadStream })).sort()).toEqual([
      'list',
      'read',
      'stat',
    ]);
  });
});
