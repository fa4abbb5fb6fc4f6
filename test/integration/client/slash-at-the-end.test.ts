/** Paths with a `/` at the end, which name a directory. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, vi } from 'vitest';
import { TimerGroup } from '../../../src/client/connection/timer-group.js';
import { MemoryStorage, subStorage, type FileClient, type TransferError } from '../../../src/index.js';
import { Wire } from '../../support/frames/wire.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const { stat } = MemoryStorage.prototype;

async function served() {
  const { connect, server, port } = await serve({ storage: new MemoryStorage() });
  const client = connect();
  await client.mkdir('dir');
  await client.writeFile('dir/inner', 'x');
  await client.writeFile('file', 'x');
  return { client, server, port };
}

async function failure(work: Promise<unknown>): Promise<TransferError> {
  return work.then(
    () => expect.fail('it succeeded'),
    (error: unknown) => error as TransferError,
  );
}

async function tree(client: FileClient): Promise<string[]> {
  return (await client.readdir('/', { recursive: true })).map((entry) => entry.path).sort();
}

describe('a slash at the end', () => {
  it('names a directory in every operation for directories', async () => {
    const { client } = await served();
    await client.mkdir('/new/');
    await client.mkdir('new/a/b/', { recursive: true });
    expect(await client.stat('dir/')).toMatchObject({ path: 'dir', kind: 'directory' });
    expect((await client.readdir('/dir/')).map((entry) => entry.path)).toEqual(['dir/inner']);
    expect(await client.exists('dir/')).toBe(true);
    expect(await client.exists('dirr/')).toBe(false);
    expect((await client.utimes('dir/', new Date(5))).mtime).toEqual(new Date(5));
    await client.rename('dir/', 'moved/');
    await client.remove('new/', { recursive: true });
    expect(await tree(client)).toEqual(['file', 'moved', 'moved/inner']);
    await client.remove('moved/inner');
    await client.remove('moved/');
    expect(await tree(client)).toEqual(['file']);
  });

  it('is ENOTDIR for a file, which stays as it is', async () => {
    const { client } = await served();
    const { mtime } = await client.stat('file');
    const works = {
      stat: client.stat('file/'),
      list: client.readdir('file/'),
      remove: client.remove('file/', { recursive: true }),
      rename: client.rename('file/', 'other'),
      utimes: client.utimes('file/', new Date(5)),
    };
    for (const [operation, work] of Object.entries(works))
      expect(await failure(work)).toMatchObject({ code: 'ENOTDIR', operation });
    expect(await failure(client.rename('file', 'other/'))).toMatchObject({ code: 'ENOTDIR' });
    expect(await client.exists('file/')).toBe(false);
    expect(await tree(client)).toEqual(['dir', 'dir/inner', 'file']);
    expect((await client.stat('file')).mtime).toEqual(mtime);
  });

  it('has one time limit for the request and the question for the kind before it', async () => {
    const { client } = await served();
    const slow = vi.spyOn(MemoryStorage.prototype, 'stat').mockImplementation(async function (
      this: MemoryStorage,
      ...args
    ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return stat.apply(this, args);
    });
    const start = vi.spyOn(TimerGroup.prototype, 'start');
    await client.remove('dir/', { recursive: true, timeoutMs: 60_000 });
    slow.mockRestore();
    const limits = start.mock.calls.map(([, ms]) => ms).filter((ms) => ms > 50_000);
    expect(limits[0]).toBe(60_000);
    expect(limits[1]).toBeLessThan(59_960);
  });

  it('is ENOENT of the operation where there is nothing', async () => {
    const { client } = await served();
    expect(await failure(client.remove('missing/'))).toMatchObject({ code: 'ENOENT', operation: 'remove' });
    expect(await failure(client.rename('missing/', 'x/'))).toMatchObject({
      code: 'ENOENT',
      operation: 'rename',
    });
  });

  it.each(['file/', 'dir/', 'new/'])(
    'is EISDIR for what needs a file, and sends nothing: %s',
    async (name) => {
      const { client, server } = await served();
      const local = path.join(await temporaryDirectory(), 'local');
      await writeFile(local, 'x');
      const { servedRequests, failedRequests } = server.stats();
      const works = [
        client.readFile(name),
        client.downloadFile(name, `${local}-new`),
        pipeline(client.download(name), async function* () {}),
        client.writeFile(name, 'x'),
        client.writeFile(name, ['x']),
        client.uploadFile(local, name),
        pipeline(Readable.from(['x']), client.upload(name)),
        pipeline(Readable.from(['x']), client.append(name)),
        client.checksum(name),
        client.copy(name, 'x'),
        client.copy('file', name),
      ];
      // Some fail later than others, and none may fail unobserved.
      for (const error of await Promise.all(works.map(failure))) {
        expect(error).toMatchObject({ code: 'EISDIR' });
        expect(error.message).toContain('The slash at the end names a directory');
      }
      expect(server.stats()).toMatchObject({ servedRequests, failedRequests });
    },
  );

  it.each(['dir//', '//', '//dir', './', 'dir/../'])('is not repaired further: %s', async (name) => {
    const { client } = await served();
    for (const work of [client.stat(name), client.readdir(name), client.mkdir(name), client.remove(name)])
      expect(await failure(work)).toMatchObject({ code: 'EILSEQ' });
  });

  it('is refused on the wire', async () => {
    const { port } = await served();
    const wire = await Wire.connect(port);
    wire.send('hello version=1\nopen id=1 op=stat path=dir/\n');
    await wire.line();
    expect(await wire.line()).toMatch(/^error code=EILSEQ id=1 /);
  });

  it('is allowed in the directory of a sub-storage', async () => {
    const storage = new MemoryStorage();
    const { connect } = await serve({ storage });
    const client = connect();
    await client.mkdir('dir');
    const inner = (await serve({ storage: subStorage(storage, 'dir/') })).connect();
    await inner.writeFile('x', 'x');
    expect(await tree(client)).toEqual(['dir', 'dir/x']);
  });
});
