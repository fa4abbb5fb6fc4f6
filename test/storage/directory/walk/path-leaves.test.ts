/** Special files, and the links of /proc. */
import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { put, textAt } from '../../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import { fileCalls } from '../../../../src/storage/directory/calls/file-calls.js';
import { at, codeOf, listed, makeFifo, makePlace, walkings } from '../directory-fixture.js';

const replace = { overwrite: true };
const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform === 'win32').each(walkings)('a special file, walked by %s', (walking) => {
  it('blocks no thread, however many requests open it at once', async () => {
    const { storage, local } = await makePlace({ walking });
    await makeFifo(local('fifo'));
    await put(storage, 'file', 'x');
    // Four threads serve all files.
    const asked = Array.from({ length: 20 }, () => codeOf(storage.read(at('fifo'))));
    expect(await Promise.all(asked)).toEqual(asked.map(() => 'EACCES'));
    expect(await textAt(storage, 'file')).toBe('x');
  });

  it('blocks no thread when it replaces a file just before the open', async () => {
    const open: typeof fileCalls.open = async (name, flags, mode) => {
      if (name.endsWith('/file')) await rename(local('fifo'), local('file')).catch(() => undefined);
      return fileCalls.open(name, flags, mode);
    };
    const { storage, local } = await makePlace({ walking, calls: { ...fileCalls, open } });
    await put(storage, 'file', 'x');
    await makeFifo(local('fifo'));
    const asked = Array.from({ length: 10 }, () => codeOf(storage.read(at('file'))));
    expect(await Promise.all(asked)).toEqual(asked.map(() => 'EACCES'));
  });

  it.runIf(isRoot && process.platform === 'linux')(
    'is refused if it is a device, and is not listed',
    async () => {
      const { storage, local } = await makePlace({ walking });
      // /dev/zero, which never ends, and a block device that nothing drives.
      for (const [name, ...numbers] of [
        ['zero', 'c', '1', '5'],
        ['block', 'b', '240', '0'],
      ] as const) {
        if (!(await makeDevice(local(name), numbers))) continue;
        expect(await codeOf(storage.stat(at(name)))).toBe('EACCES');
        expect(await codeOf(storage.read(at(name)))).toBe('EACCES');
        expect(await codeOf(storage.write(at(name), replace))).toBe('EACCES');
        expect(await codeOf(storage.copy(at(name), at('copy'), replace))).toBe('EACCES');
        expect(await codeOf(storage.rename(at(name), at('copy'), replace))).toBe('EACCES');
      }
      expect(await listed(storage)).toEqual([]);
    },
  );
});

describe.runIf(process.platform === 'linux').each(walkings)('the links of /proc, walked by %s', (walking) => {
  const links = [
    'proc/self/environ',
    'proc/self/root/etc/hostname',
    'proc/self/cwd/package.json',
    'proc/thread-self/environ',
    `proc/${process.pid}/root/etc/hostname`,
    `proc/${process.pid}/cwd/package.json`,
    `proc/${process.pid}/exe`,
    `proc/${process.pid}/fd/0`,
    'dev/fd/0',
    'dev/stdin',
  ];

  it.each(links)('do not lead out, even if the root of the system is served: %s', async (name) => {
    const storage = new DirectoryStorage('/', {}, { walking });
    expect(await codeOf(storage.read(at(name)))).toBe('ELOOP');
    expect(await codeOf(storage.stat(at(name)))).toBe('ELOOP');
  });
});

async function makeDevice(place: string, numbers: readonly string[]): Promise<boolean> {
  return promisify(execFile)('mknod', [place, ...numbers]).then(
    () => true,
    () => false,
  );
}
