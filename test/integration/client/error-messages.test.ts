/** The location of an error: the path as the caller knows it. */
import { describe, expect, it } from 'vitest';
import { MemoryStorage, TransferError, type FileClient, type FileServerOptions } from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

type Ask = (client: FileClient) => Promise<unknown>;

const storages: [string, () => Promise<FileServerOptions>][] = [
  ['a directory', async () => ({ root: await temporaryDirectory() })],
  ['memory', async () => ({ storage: new MemoryStorage() })],
];

async function failureOf(work: Promise<unknown>): Promise<TransferError> {
  const outcome = await work.catch((error: unknown) => error);
  if (outcome instanceof TransferError) return outcome;
  throw new Error('It has not failed.', { cause: outcome });
}

/** A client of a server that has two files, a directory and nothing else. */
async function clientOf(options: () => Promise<FileServerOptions>): Promise<FileClient> {
  const { connect } = await serve(await options());
  const client = connect();
  await client.writeFile('a', 'a');
  await client.writeFile('b', 'b');
  await client.mkdir('folder');
  return client;
}

describe.each(storages)('an error of %s', (_name, options) => {
  it.each<[string, Ask]>([
    ['rename', (client) => client.rename('a', 'b')],
    ['rename', (client) => client.rename('folder', 'b')],
    ['copy', (client) => client.copy('a', 'b')],
  ])('names the target that prevents %s', async (operation, ask) => {
    const error = await failureOf(ask(await clientOf(options)));
    expect(error.message).toBe(`EEXIST: The target already exists. (${operation} 'b')`);
    expect(error.path).toBe('b');
  });

  it.each<[string, string, Ask]>([
    ['EISDIR', 'folder', (client) => client.rename('a', 'folder', { overwrite: true })],
    ['EISDIR', 'folder', (client) => client.copy('a', 'folder', { overwrite: true })],
    ['ENOTDIR', 'b', (client) => client.rename('folder', 'b', { overwrite: true })],
    ['ENOTDIR', 'b/new', (client) => client.rename('a', 'b/new')],
  ])('has the code %s for the target %s', async (code, path, ask) => {
    expect(await failureOf(ask(await clientOf(options)))).toMatchObject({ code, path });
  });

  it.each<[string, Ask]>([
    ['rename', (client) => client.rename('none', 'b')],
    ['rename', (client) => client.rename('none', 'no/b')],
    ['copy', (client) => client.copy('none', 'b')],
  ])('names the source that %s does not find', async (operation, ask) => {
    const error = await failureOf(ask(await clientOf(options)));
    expect(error.message).toBe(`ENOENT: No such file or directory. (${operation} 'none')`);
  });

  it.each<[string, Ask]>([
    ['upload', (client) => client.writeFile('no/such/x', 'x')],
    ['mkdir', (client) => client.mkdir('no/such/x')],
    ['rename', (client) => client.rename('a', 'no/such/x')],
    ['copy', (client) => client.copy('a', 'no/such/x')],
    ['stat', (client) => client.stat('no/such/x')],
    ['download', (client) => client.readFile('no/such/x')],
  ])('names the missing parent directory of the path of %s', async (operation, ask) => {
    const error = await failureOf(ask(await clientOf(options)));
    expect(error.message).toBe(
      `ENOENT: The parent directory does not exist; create it first. (${operation} 'no/such/x')`,
    );
  });
});

const name = 'x'.repeat(300);
const asks: [string, (client: FileClient, path: string) => Promise<unknown>][] = [
  ['stat', (client, path) => client.stat(path)],
  ['list', (client, path) => client.list(path).next()],
  ['mkdir', (client, path) => client.mkdir(path)],
  ['download', (client, path) => client.readFile(path)],
  ['upload', (client, path) => client.writeFile(path, 'x')],
  ['download', (client, path) => client.downloadFile(path, 'nowhere')],
  ['upload', (client, path) => client.uploadFile('nowhere', path)],
  ['rename', (client, path) => client.rename('a', path)],
];

describe('an invalid path', () => {
  it.each(asks)('is in the error when it is too long (%s)', async (operation, ask) => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const error = await failureOf(ask(connect(), `a/${name}`));
    expect(error).toMatchObject({ code: 'ENAMETOOLONG', operation, path: `a/${name}` });
    expect(error.message).toContain(`(${operation} 'a/${name}')`);
  });

  it('is truncated in the message, not in the error, when it is very long', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const error = await failureOf(connect().stat('x'.repeat(1_000_000)));
    expect(error.path).toHaveLength(1_000_000);
    expect(error.message).toMatch(/^ENAMETOOLONG: .{1000,1200}'\.\.\.\)$/);
  });

  it.each(asks.filter(([operation]) => operation !== 'stat' && operation !== 'list'))(
    'fails with EINVAL when it is the root (%s)',
    async (operation, ask) => {
      const { connect } = await serve({ storage: new MemoryStorage() });
      const error = await failureOf(ask(connect(), ''));
      const reason = 'A path is required; the root is not allowed.';
      expect(error.message).toBe(`EINVAL: ${reason} (${operation} '/')`);
    },
  );
});
