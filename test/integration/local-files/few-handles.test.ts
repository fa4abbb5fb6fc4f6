/** More transfers of local files at once than the process may have files open. */
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { bytesOf } from '../../support/bytes.js';
import { place } from '../../support/local-files/local-place.js';
import { repositoryRoot } from '../../support/repository.js';

const COUNT = 150;

it.skipIf(process.platform === 'win32').each([
  [1_000, 60],
  [60_000, 60],
  [60_000, 100],
])('transfers of files of %i bytes all succeed in a process with %i handles', async (size, handles) => {
  const at = await place({});
  for (let n = 0; n < COUNT; n++) await fs.writeFile(at.local(`source-${n}`), bytesOf(size, n));
  const program = path.join(repositoryRoot, 'test/support/local-files/many-transfers.mjs');
  const words = [process.execPath, program, at.local('.'), String(at.port), String(COUNT)];
  const shell = ['-c', `ulimit -n ${handles}; exec "$@"`, 'sh', ...words];
  const { stdout } = await promisify(execFile)('sh', shell);
  expect(JSON.parse(stdout)).toEqual({ uploads: { done: COUNT }, downloads: { done: COUNT } });
  for (let n = 0; n < COUNT; n++) {
    expect((await fs.readFile(at.local(`target-${n}`))).equals(bytesOf(size, n))).toBe(true);
  }
  expect((await at.names()).filter((name) => name.startsWith('.'))).toEqual([]);
});
