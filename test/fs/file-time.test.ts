import { closeSync, fstatSync, futimesSync, openSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { fileTime } from '../../src/fs/file-time.js';
import { temporaryDirectory } from '../support/servers/serve.js';

it('a file keeps each of the thousand milliseconds of its time, in any year', async () => {
  const fd = openSync(path.join(await temporaryDirectory(), 'file'), 'w');
  const wrong: number[] = [];
  for (const year of [1970, 1999, 2020, 2026, 2100]) {
    for (let ms = 0; ms < 1_000; ms++) {
      const given = Date.UTC(year, 5, 7, 8, 9, 10, ms);
      futimesSync(fd, fileTime(new Date(given)), fileTime(new Date(given)));
      const { mtimeMs } = fstatSync(fd, { bigint: true });
      if (Number(mtimeMs) !== given) wrong.push(given);
    }
  }
  closeSync(fd);
  expect(wrong).toEqual([]);
});
