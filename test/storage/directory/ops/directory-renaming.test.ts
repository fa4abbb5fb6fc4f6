/** Which of its two ends a renaming that fails is about. */
import { describe, expect, it } from 'vitest';
import { put } from '../../../../src/contracts/storage/storage-fixture.js';
import { fileCalls, type FileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { at, makePlace } from '../directory-fixture.js';

function failing(call: 'rename' | 'link', code: string): FileCalls {
  return { ...fileCalls, [call]: () => Promise.reject(Object.assign(new Error(code), { code })) };
}

describe('a rename', () => {
  it.each([
    { call: 'rename', code: 'EIO', overwrite: true, path: 'a' },
    { call: 'rename', code: 'ENOENT', overwrite: true, path: 'a' },
    { call: 'rename', code: 'EISDIR', overwrite: true, path: 'b' },
    { call: 'link', code: 'EEXIST', overwrite: false, path: 'b' },
    { call: 'link', code: 'EIO', overwrite: false, path: 'a' },
  ] as const)('whose $call fails with $code reports $path', async ({ call, code, overwrite, path }) => {
    const place = await makePlace();
    await put(place.storage, 'a', 'a');
    const storage = new DirectoryStorage(place.root, {}, { calls: failing(call, code) });
    const renamed = storage.rename(at('a'), at('b'), { overwrite });
    await expect(renamed).rejects.toMatchObject({ name: 'TransferError', code, path });
  });
});
