/** Small uploads from a file system that is read by threads. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { LocalSource } from '../../../../../src/client/local/local-source.js';
import { LocalMount } from '../../../../../src/sync-fs/local-mount.js';
import { serveFiles, temporaryDirectory } from '../../../../support/servers/serve.js';

const FILES = 40;

afterEach(() => vi.restoreAllMocks());

it('small files that cannot be read at once are read at the same time', async () => {
  const root = await temporaryDirectory();
  for (let index = 0; index < FILES; index++) await writeFile(path.join(root, `${index}`), `${index}`);
  vi.spyOn(LocalMount.prototype, 'isLocal').mockReturnValue(false);
  vi.spyOn(LocalMount.prototype, 'isLocalSoon').mockResolvedValue(false);
  const open = LocalSource.open.bind(LocalSource);
  let [opening, most] = [0, 0];
  vi.spyOn(LocalSource, 'open').mockImplementation(async (...args) => {
    most = Math.max(most, (opening += 1));
    return open(...args).finally(() => (opening -= 1));
  });
  const { connect } = await serveFiles({});
  const client = connect();
  const { files } = await client.uploadDirectory(root, 'tree');
  expect(files).toBe(FILES);
  expect(most).toBeGreaterThan(4);
});
