/**
 * proftpd, ftp-srv: read-only by a list of commands that write, on which STOU and newer ones were missing. Here each
 * operation of the table says what it does, and this test asks all that are in the table.
 */
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage, readOnly, type Permission, type FileServerOptions } from '../../src/index.js';
import { operations } from '../../src/server/operations/operations.js';
import { serve, temporaryDirectory } from '../support/serve.js';
import { Wire } from '../support/wire.js';

/** What changes nothing. Whoever adds an operation to the table must say here, too, that it is one of them. */
const harmless = ['download', 'list', 'stat', 'checksum'];

const names = Object.keys(operations);

describe('proftpd, ftp-srv: read-only mode', () => {
  it('serves no operation that changes a file, for the whole table of operations', async () => {
    expect(await answers((root) => ({ storage: readOnly(new DirectoryStorage(root)) }))).toEqual(
      Object.fromEntries(names.map((op) => [op, harmless.includes(op) ? 'served' : 'EROFS'])),
    );
  });

  it('by permissions serves no operation that changes a file, either', async () => {
    const permissions: Permission[] = ['read', 'list'];
    expect(await answers((root) => ({ root, permissions }))).toEqual(
      Object.fromEntries(names.map((op) => [op, harmless.includes(op) ? 'served' : 'EACCES'])),
    );
  });

  it('is the default of a server without a root', async () => {
    const cwd = process.cwd();
    try {
      expect(
        await answers((root) => {
          process.chdir(root);
          return {};
        }),
      ).toMatchObject({ upload: 'EROFS', remove: 'EROFS', mkdir: 'EROFS' });
    } finally {
      process.chdir(cwd);
    }
  });
});

/** What a server says to each operation of the table. Fails if one of them has changed something. */
async function answers(options: (root: string) => FileServerOptions): Promise<Record<string, string>> {
  const root = await temporaryDirectory();
  await writeFile(path.join(root, 'file'), 'kept');
  const { port } = await serve(options(root));
  const found: Record<string, string> = {};
  for (const op of names) {
    const wire = await Wire.connect(port);
    const target = op === 'list' ? '' : ' path=file';
    wire.send(
      `hello version=1\nopen id=1 op=${op}${target} to=other overwrite=true recursive=true\nend id=1 size=0\n`,
    );
    await wire.line();
    const answer = (await wire.line()) ?? '';
    found[op] =
      /^error code=(\w+)/.exec(answer)?.[1] ?? (/^(?:accept|result) /.test(answer) ? 'served' : answer);
  }
  expect(await readdir(root)).toEqual(['file']);
  return found;
}
