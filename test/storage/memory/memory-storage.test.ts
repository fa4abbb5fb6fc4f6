import { describe, expect, it } from 'vitest';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { MemoryStorage } from '../../../src/storage/memory/memory-storage.js';
import { at, codeOf } from '../directory/directory-fixture.js';

describe('a memory storage', () => {
  it('holds no more than its limit, and fails with ENOSPC beyond it', async () => {
    const storage = new MemoryStorage({ maxBytes: 10 });
    await put(storage, 'a', '123456');
    const pending = await storage.write(at('b'), { overwrite: true });
    await pending.write([Buffer.from('12')]);
    expect(storage.bytes).toBe(8);
    expect(await codeOf(pending.write([Buffer.from('345')]))).toBe('ENOSPC');
    expect(await codeOf(pending.commit())).toBe('EINVAL');
    expect(storage.bytes).toBe(6);
    expect(await codeOf(storage.copy(at('a'), at('c'), { overwrite: false }))).toBe('ENOSPC');
    expect(storage.bytes).toBe(6);
  });

  it('counts its bytes correctly through all operations on files', async () => {
    const storage = new MemoryStorage();
    await storage.mkdir(at('x/y'), { recursive: true });
    for (const path of ['a', 'b', 'x/c', 'x/y/d']) await put(storage, path, 'four');
    expect(storage.bytes).toBe(16);
    await put(storage, 'a', 'longer');
    expect(storage.bytes).toBe(18);
    await storage.rename(at('a'), at('b'), { overwrite: true });
    expect(storage.bytes).toBe(14);
    await storage.rename(at('b'), at('b'), { overwrite: true });
    await storage.copy(at('b'), at('b'), { overwrite: true });
    expect(storage.bytes).toBe(14);
    await (await storage.write(at('z'), { overwrite: true })).discard();
    await storage.remove(at('x'), { recursive: true });
    expect(storage.bytes).toBe(6);
    await storage.remove(at('b'), { recursive: false });
    expect(storage.bytes).toBe(0);
  });

  it('returns copies of its entries', async () => {
    const storage = new MemoryStorage();
    const entry = await put(storage, 'a', 'x');
    entry.mtime.setTime(0);
    expect((await storage.stat(at('a'))).mtime.getTime()).toBeGreaterThan(0);
  });

  it('rejects an invalid limit with a TypeError', () => {
    for (const maxBytes of [-1, NaN, '7' as unknown as number]) {
      expect(() => new MemoryStorage({ maxBytes })).toThrow(TypeError);
    }
  });
});
