import fs from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { everyCallIsShort } from '../../support/local-files/open-gate.js';
import { awakeReader, smallFiles } from '../../support/local-files/small-files.js';

afterEach(() => vi.restoreAllMocks());

describe.runIf(process.platform === 'linux')('a version of a small file that was seen before', () => {
  /** A reader that has read the directory of a file, and the version of the file. */
  async function ready(size = 1_000) {
    everyCallIsShort();
    const [file = ''] = await smallFiles(size);
    const small = await awakeReader();
    await small.read(file);
    const { mtimeMs } = fs.statSync(file);
    return { small, file, known: { size, mtimeMs } };
  }

  /** As if the file had not been changed for a minute. */
  function later() {
    const nowMs = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => nowMs + 60_000);
  }

  it('is read at once, with its time and its permission bits', async () => {
    const { small, file, known } = await ready();
    later();
    const read = small.readNow(file, known);
    expect(read?.bytes.equals(fs.readFileSync(file))).toBe(true);
    expect(read?.mtimeMs).toBe(Math.round(known.mtimeMs));
    expect(read?.mode).toBe(fs.statSync(file).mode & 0o777);
  });

  it('is not read at once if it has just changed', async () => {
    const { small, file, known } = await ready();
    expect(small.readNow(file, known)).toBeUndefined();
  });

  it('is not read at once if it was changed just now, although its time was put back', async () => {
    const { small, file, known } = await ready();
    const minuteAgo = (Date.now() - 60_000) / 1_000;
    fs.utimesSync(file, minuteAgo, minuteAgo);
    expect(small.readNow(file, { ...known, mtimeMs: minuteAgo * 1_000 })).toBeUndefined();
  });

  it.each([{ size: 999 }, { size: 1_001 }, { mtimeMs: 5 }])(
    'is not read at once if it is another one: %o',
    async (other) => {
      const { small, file, known } = await ready();
      later();
      expect(small.readNow(file, { ...known, ...other })).toBeUndefined();
      expect(small.readNow(file, known)).toBeDefined();
    },
  );

  it('is not read at once in a directory that was not read before', async () => {
    const { small, known } = await ready();
    const [other = ''] = await smallFiles(1_000);
    later();
    expect(small.readNow(other, known)).toBeUndefined();
  });
});
