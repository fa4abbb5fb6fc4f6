/** Names of a local directory, read at once and in pieces. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryNames } from '../../../../src/client/directories/scan/directory-names.js';
import { partNamesOf } from '../../../../src/client/local/partial-download/part-names.js';
import { temporaryDirectory } from '../../../support/servers/serve.js';

const FILES = 600;

async function namesIn(directory: string, largeBytes: number): Promise<string[][]> {
  const pieces: string[][] = [];
  for await (const names of directoryNames(directory, (call) => call(), largeBytes)) pieces.push(names);
  return pieces;
}

describe.each([
  ['of a usual directory', Infinity],
  ['of a large directory', 0],
])('the names %s', (_, largeBytes) => {
  it('come in pieces, each name once, without partial downloads', async () => {
    const directory = await temporaryDirectory();
    const names = Array.from({ length: FILES }, (__, index) => `file-\u00e4-${index}`);
    for (const name of names) await fs.writeFile(path.join(directory, name), '');
    const { part, note } = partNamesOf(directory, 'file-1', 0);
    for (const name of [part, note]) await fs.writeFile(path.join(directory, name), '');
    const pieces = await namesIn(directory, largeBytes);
    expect(pieces.flat().sort()).toEqual(names.sort());
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(256);
  });

  it.runIf(process.platform === 'linux')(
    'that are not UTF-8 have a code unit for each such byte',
    async () => {
      const directory = await temporaryDirectory();
      await fs.writeFile(Buffer.concat([Buffer.from(`${directory}/a`), Buffer.of(0xff)]), '');
      await fs.writeFile(path.join(directory, 'b\ufffd'), '');
      expect((await namesIn(directory, largeBytes)).flat().sort()).toEqual(['a\udcff', 'b\ufffd']);
    },
  );

  it('are none in an empty directory', async () => {
    expect((await namesIn(await temporaryDirectory(), largeBytes)).flat()).toEqual([]);
  });
});
