import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  futimesSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileDate, fileTime } from '../../src/fs/file-time.js';
import { temporaryDirectory } from '../support/servers/serve.js';

async function temporaryFile(): Promise<string> {
  const file = path.join(await temporaryDirectory(), 'file');
  writeFileSync(file, '');
  return file;
}

describe('fileTime', () => {
  it('keeps each of the thousand milliseconds of a time, in any year, for programs that round or cut', async () => {
    const fd = openSync(await temporaryFile(), 'w');
    const wrong: number[] = [];
    for (const year of [1902, 1936, 1969, 1970, 1999, 2020, 2026, 2100]) {
      for (let ms = 0; ms < 1_000; ms++) {
        const given = Date.UTC(year, 5, 7, 8, 9, 10, ms);
        futimesSync(fd, fileTime(new Date(given)), fileTime(new Date(given)));
        const { mtimeMs, mtimeNs } = fstatSync(fd, { bigint: true });
        if (Number(mtimeMs) !== given || fileDate(mtimeNs).getTime() !== given) wrong.push(given);
      }
    }
    closeSync(fd);
    expect(wrong).toEqual([]);
  });

  it('keeps -1, which as a number would be the present time', async () => {
    const file = await temporaryFile();
    const fd = openSync(file, 'w');
    futimesSync(fd, fileTime(new Date(-1)), fileTime(new Date(-1)));
    closeSync(fd);
    expect(statSync(file).mtime).toEqual(new Date(-1));
  });

  // Few file systems have such times; a tmpfs does.
  it.skipIf(!existsSync('/dev/shm'))('keeps the milliseconds of the earliest and the latest dates', () => {
    const file = path.join('/dev/shm', `file-time-${process.pid}`);
    const fd = openSync(file, 'w');
    try {
      const given = [-8.64e15, -8.64e15 + 1, -8.64e15 + 999, -1e15 - 1, 1e15 + 1, 8.64e15 - 1, 8.64e15];
      const kept = given.map((ms) => {
        futimesSync(fd, fileTime(new Date(ms)), fileTime(new Date(ms)));
        return fileDate(fstatSync(fd, { bigint: true }).mtimeNs).getTime();
      });
      expect(kept).toEqual(given);
    } finally {
      closeSync(fd);
      rmSync(file);
    }
  });
});

describe('fileDate', () => {
  it('is the date of fs.stat(), for microseconds before and after 1970', async () => {
    const fd = openSync(await temporaryFile(), 'w');
    const wrong: string[] = [];
    for (let step = 0; step < 2_000; step++) {
      // 499.999, 500 and 500.001 microseconds, among others, in many years.
      const seconds = `${step % 2 ? '-' : ''}${step * 1_000_003}.${String((step * 500 + (step % 3) - 1 + 1e6) % 1e6).padStart(6, '0')}05`;
      futimesSync(fd, seconds, seconds);
      const { mtimeNs } = fstatSync(fd, { bigint: true });
      if (fileDate(mtimeNs).getTime() !== fstatSync(fd).mtime.getTime()) wrong.push(seconds);
    }
    closeSync(fd);
    expect(wrong).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('is the date of fs.stat(), for nanoseconds', async () => {
    const file = await temporaryFile();
    const fractions = [
      '000000001',
      '000499999',
      '000500000',
      '000500001',
      '999499999',
      '999500000',
      '999999999',
    ];
    for (const seconds of ['-1', '-1000000001', '0', '1700000000', '4102444800']) {
      for (const fraction of fractions) {
        execFileSync('touch', ['-d', `@${seconds}.${fraction}`, file]);
        expect(fileDate(statSync(file, { bigint: true }).mtimeNs)).toEqual(statSync(file).mtime);
      }
    }
  });

  it('is the sum of rounded seconds and nanoseconds, for any time, and never invalid', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), fc.nat(999_999_999), (seconds, rest) => {
        const ms = Math.round(Number(seconds) * 1e3 + rest / 1e6);
        const date = fileDate(seconds * 1_000_000_000n + BigInt(rest)).getTime();
        expect(date).toBe(Math.abs(ms) <= 8.64e15 ? ms || 0 : Math.sign(ms) * 8.64e15);
      }),
    );
  });
});
