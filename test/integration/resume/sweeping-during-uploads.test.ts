/** Sweeps of the private folder while uploads come and go. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { fileCalls, type FileCalls } from '../../../src/storage/directory/calls/file-calls.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { ID, offsetOf, partName, UploadWire } from '../../support/frames/upload-wire.js';
import { Wire } from '../../support/frames/wire.js';

const bytes = bytesOf(10_000);

describe('a sweep of the private folder', () => {
  it('keeps an upload that was resumed and suspended again after the directory was read', async () => {
    const root = await temporaryDirectory();
    const ids = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
    const touched = new Map<string, number>();
    let turn = 0;
    let hold = false;
    let release: (() => void) | undefined;
    const calls: FileCalls = {
      ...fileCalls,
      open: (name, flags, mode) => {
        if (name.endsWith('.part')) touched.set(name, ++turn);
        return fileCalls.open(name, flags, mode);
      },
      lstat: async (name) => {
        const stats = await fileCalls.lstat(name);
        // Each opening is a second later than the one before; the disk's own clock is too coarse.
        stats.ctimeMs += BigInt((touched.get(name) ?? 0) * 1_000);
        if (hold && name.endsWith('.part')) {
          await new Promise<void>((resolve) => {
            const before = release;
            release = () => {
              before?.();
              resolve();
            };
          });
        }
        return stats;
      },
    };
    const storage = new DirectoryStorage(root, { maxSuspendedUploads: 2 }, { calls });
    const place = await serve({ storage });
    const [a = '', b = '', c = ''] = ids;
    await UploadWire.interrupted(place, bytes.subarray(0, 1_000), `path=file upload=${a}`);
    await UploadWire.interrupted(place, bytes.subarray(0, 1_000), `path=file upload=${b}`);
    const third = await UploadWire.opened(place.port, `path=file upload=${c}`);
    third.upload.data(bytes.subarray(0, 1_000));
    hold = true;
    let over = 0;
    place.server.on('requestEnd', () => (over += 1));
    third.upload.wire.socket.end();
    for (let looked = 0; looked < 2; looked++) {
      await until(() => release !== undefined);
      const next: () => void = release ?? (() => undefined);
      release = undefined;
      next();
    }
    await until(() => release !== undefined);
    const last: () => void = release ?? (() => undefined);
    hold = false;
    // The sweep has found all three, and is about to remove the oldest, which is now resumed.
    const first = await UploadWire.opened(place.port, `path=file upload=${a} offset=1000`);
    expect(offsetOf(first.answer)).toBe(1_000);
    first.upload.data(bytes.subarray(1_000, 2_000));
    first.upload.wire.socket.end();
    await until(() => over === 1);
    const parts = await fs.readdir(path.join(root, '.socket-ftp'));
    expect(parts).toContain(`${partName(a, 'file')}.part`);
    last();
    await until(() => over === 2);
    const { answer } = await UploadWire.opened(place.port, `path=file upload=${a} offset=2000`);
    expect(offsetOf(answer)).toBe(2_000);
  });

  it('runs once for all uploads that are suspended at the same time', async () => {
    const root = await temporaryDirectory();
    let sweeps = 0;
    const calls: FileCalls = {
      ...fileCalls,
      opendir: (name, size) => {
        sweeps += 1;
        return fileCalls.opendir(name, size);
      },
    };
    const storage = new DirectoryStorage(root, { maxSuspendedUploads: 4 }, { calls });
    const place = await serve({ storage });
    const wire = await Wire.connect(place.port);
    wire.send('hello version=1\n');
    await wire.line();
    const count = 32;
    for (let at = 0; at < count; at++) {
      const upload = UploadWire.openOn(
        wire,
        2 * at + 1,
        `path=f${at} upload=${at.toString(16).padStart(32, '0')}`,
      );
      upload.data(bytes.subarray(0, 10));
      expect(await upload.answer()).toMatch(/^accept /);
    }
    let over = 0;
    place.server.on('requestEnd', () => (over += 1));
    wire.socket.end();
    await until(() => over === count);
    expect(sweeps).toBeLessThanOrEqual(3);
  });
});

describe('a private folder that is exactly full', () => {
  it('is not read each time one of its uploads is resumed', async () => {
    const root = await temporaryDirectory();
    let sweeps = 0;
    const calls: FileCalls = {
      ...fileCalls,
      opendir: (name, size) => {
        sweeps += 1;
        return fileCalls.opendir(name, size);
      },
    };
    const storage = new DirectoryStorage(root, { maxSuspendedUploads: 3 }, { calls });
    const place = await serve({ storage });
    for (const digit of ['a', 'b', 'c']) {
      await UploadWire.interrupted(place, bytes.subarray(0, 10), `path=file upload=${digit.repeat(32)}`);
    }
    for (let at = 0; at < 20; at++)
      await UploadWire.interrupted(
        place,
        bytes.subarray(0, 1),
        `path=file upload=${'a'.repeat(32)} offset=0`,
      );
    expect(sweeps).toBeLessThan(10);
  });
});

describe('an upload that is being swept', () => {
  it('restarts without a conflict with another writer', async () => {
    const root = await temporaryDirectory();
    const name = partName(ID, 'file');
    let release: (() => void) | undefined;
    const calls: FileCalls = {
      ...fileCalls,
      unlink: async (at) => {
        if (at.endsWith(`${name}.part`)) await new Promise<void>((resolve) => (release = resolve));
        return fileCalls.unlink(at);
      },
    };
    await fs.mkdir(path.join(root, '.socket-ftp'));
    await fs.writeFile(path.join(root, '.socket-ftp', `${name}.part`), 'old');
    const storage = new DirectoryStorage(root, { suspendedExpiryMs: 1 }, { calls });
    const place = await serve({ storage });
    const other = place
      .connect()
      .writeFile('other', 'x')
      .catch(() => undefined);
    await until(() => release !== undefined);
    const upload = await UploadWire.open(place.port, 'path=file offset=0');
    const answer = upload.answer();
    // A round trip, after which it was answered or waits.
    await place.connect().ping();
    release?.();
    expect(offsetOf(await answer)).toBe(0);
    await other;
  });
});
