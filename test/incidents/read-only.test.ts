/**
 * proftpd, ftp-srv: read-only by a list of commands that write, in which STOU and newer ones were missing. Here each
 * operation of the table declares its permissions, and this test sends all operations of the table.
 */
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  DirectoryStorage,
  FileServer,
  readOnly,
  type Permission,
  type FileServerOptions,
} from '../../src/index.js';
import { operations } from '../../src/server/operations/operations.js';
import { serve, temporaryDirectory } from '../support/servers/serve.js';
import { answersInBatch } from '../support/frames/batch-wire.js';
import { ID } from '../support/frames/upload-wire.js';
import { Wire } from '../support/frames/wire.js';

/** Operations that change nothing. A new operation of the table must be added to one of the lists. */
const harmless = ['download', 'list', 'stat', 'watch', 'checksum', 'quota', 'methods'];

/** The requests of a batch need what they need by themselves, see below; and no method is shared here. */
const others = { batch: 'served', call: 'ENOENT', stream: 'ENOENT' };

const names = Object.keys(operations);

describe('proftpd, ftp-srv: read-only mode', () => {
  it('serves no operation that changes a file, for the whole table of operations', async () => {
    expect(await answers((root) => ({ storage: readOnly(new DirectoryStorage(root)) }))).toEqual({
      ...Object.fromEntries(names.map((op) => [op, harmless.includes(op) ? 'served' : 'EROFS'])),
      ...others,
      // A question, whose answer is that a storage without uploads knows none.
      'upload-status': 'EGONE',
    });
  });

  it('by permissions serves no operation that changes a file, either', async () => {
    const permissions: Permission[] = ['read', 'list'];
    expect(await answers((root) => ({ root, permissions }))).toEqual({
      ...Object.fromEntries(names.map((op) => [op, harmless.includes(op) ? 'served' : 'EACCES'])),
      ...others,
      call: 'EACCES',
      stream: 'EACCES',
    });
  });

  it.each([
    ['a storage', 'EROFS', (root: string) => ({ storage: readOnly(new DirectoryStorage(root)) })],
    ['permissions', 'EACCES', (root: string) => ({ root, permissions: ['read', 'list'] as Permission[] })],
  ])('by %s serves no such operation in a batch, either', async (_, code, options) => {
    const root = await temporaryDirectory();
    await writeFile(path.join(root, 'file'), 'kept');
    const { port } = await serve(options(root));
    const opens = names.map((op) => ({ op, path: 'file', to: 'other', overwrite: true, recursive: true }));
    const found = await answersInBatch(port, opens);
    const allowed: Record<string, string> = { upload: code, download: 'result' };
    expect(found).toEqual(names.map((op) => allowed[op] ?? 'ENOTSUP'));
    expect(await readdir(root)).toEqual(['file']);
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

/** The answer of a server to each operation of the table. Fails if an operation has changed a file. */
async function answers(options: (root: string) => FileServerOptions): Promise<Record<string, string>> {
  const root = await temporaryDirectory();
  await writeFile(path.join(root, 'file'), 'kept');
  const server = await new FileServer(options(root)).listen(0);
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { port } = server;
  const found: Record<string, string> = {};
  for (const op of names) {
    const wire = await Wire.connect(port);
    const target = `${op === 'list' || op === 'watch' ? '' : ' path=file'}${op === 'upload-status' ? ` upload=${ID}` : ''}${op === 'call' || op === 'stream' ? ' method=none' : ''}`;
    wire.send(
      `hello version=1\nopen id=1 op=${op}${target} to=other overwrite=true recursive=true\n${op === 'upload' ? 'end id=1 size=0\n' : ''}`,
    );
    await wire.line();
    const answer = (await wire.line()) ?? '';
    found[op] =
      /^error code=(\w+)/.exec(answer)?.[1] ?? (/^(?:accept|result) /.test(answer) ? 'served' : answer);
  }
  expect(await readdir(root)).toEqual(['file']);
  return found;
}
