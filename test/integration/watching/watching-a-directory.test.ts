/** Programs on the server and clients change a directory, and a client watches. */
import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  DirectoryStorage,
  FileServer,
  MemoryStorage,
  parseRemotePath,
  type Storage,
} from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { codecs, Cuttable, Watched } from './watched.js';

describe.each(codecs)('a watch of a directory of the file system, in %s,', (codec) => {
  it('tells what programs on the server do: files, renames, directories and their content', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    const watched = new Watched(connect({ codec }));
    await watched.until('ready');
    await writeFile(path.join(root, 'a'), 'one');
    await watched.until('created', 'a');
    await appendFile(path.join(root, 'a'), ' more');
    await watched.until('changed', 'a');
    await rename(path.join(root, 'a'), path.join(root, 'b'));
    expect(await watched.until('renamed', 'b')).toMatchObject({ from: 'a' });
    await mkdir(path.join(root, 'd/e'), { recursive: true });
    await writeFile(path.join(root, 'd/e/f'), '');
    await watched.untilEqual();
    await rename(path.join(root, 'd'), path.join(root, 'x'));
    expect(await watched.until('renamed', 'x')).toMatchObject({ from: 'd' });
    expect(watched.paths).toEqual(['b', 'x', 'x/e', 'x/e/f']);
    watched.takeKinds();
    await rm(path.join(root, 'x'), { recursive: true });
    await watched.until('removed', 'x');
    expect(watched.takeKinds()).toEqual(['removed', 'removed', 'removed']);
    await watched.untilEqual();
    await watched.watch.return?.();
  });

  it('ends with the same entries as the directory after 2,000 changes in bursts', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    const watched = new Watched(connect({ codec }));
    await watched.until('ready');
    const changing = changeALot(root);
    let isDone = false;
    void changing.finally(() => (isDone = true));
    while (!isDone) await Promise.race([watched.next(), changing]);
    await writeFile(path.join(root, 'last'), '');
    await watched.untilEqual();
    expect(watched.takeKinds()).not.toContain('lost');
  });

  it('tells after a lost connection that changes may be missing, and what has changed', async () => {
    const root = await temporaryDirectory();
    const { port } = await serve({ root });
    for (const name of ['kept', 'changed', 'removed']) await writeFile(path.join(root, name), name);
    const link = new Cuttable(port, { codec });
    const watched = new Watched(link.client);
    await watched.until('ready');
    watched.takeKinds();
    await link.cut();
    await appendFile(path.join(root, 'changed'), '!');
    await rm(path.join(root, 'removed'));
    await writeFile(path.join(root, 'new'), '');
    await watched.untilEqual();
    expect(watched.takeKinds().sort()).toEqual(['changed', 'created', 'lost', 'removed']);
    await writeFile(path.join(root, 'later'), '');
    await watched.until('created', 'later');
  });
});

/** 2,000 changes in bursts of 100: files, renames, directories with content. */
async function changeALot(root: string): Promise<void> {
  for (let burst = 0; burst < 20; burst++) {
    const directory = path.join(root, `burst ${burst}`);
    await mkdir(directory);
    const names = Array.from({ length: 60 }, (_, index) => path.join(directory, `file ${index}`));
    await Promise.all(names.map((name) => writeFile(name, name)));
    await Promise.all(names.slice(0, 20).map((name) => rename(name, `${name} renamed`)));
    await Promise.all(names.slice(20, 38).map((name) => rm(name)));
    if (burst % 4 === 1) await rename(directory, path.join(root, `moved ${burst}`));
    if (burst % 4 === 2) await rm(directory, { recursive: true });
  }
}

describe('a watch', () => {
  it('tells neither links nor private folders nor names that no path can express', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    const client = connect();
    const watched = new Watched(client);
    await watched.until('ready');
    await symlink('/', path.join(root, 'link'));
    await writeFile(path.join(root, 'back\\slash'), '');
    await client.writeFile('large', Buffer.alloc(300_000));
    await watched.until('created', 'large');
    await client.writeFile('last', '');
    await watched.until('created', 'last');
    expect(watched.paths).toEqual(['large', 'last']);
  });

  it('fails with ENOENT when its directory is removed or replaced', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    for (const replace of [false, true]) {
      await mkdir(path.join(root, 'd'), { recursive: true });
      const watched = new Watched(connect(), 'd');
      await watched.until('ready');
      await rename(path.join(root, 'd'), path.join(root, `away ${replace}`));
      if (replace) await mkdir(path.join(root, 'd'));
      await expect(watched.next()).rejects.toMatchObject({ code: 'ENOENT', operation: 'watch', path: 'd' });
    }
  });

  it('costs the server nothing after it has ended', async () => {
    const { connect, server } = await serve({ root: await temporaryDirectory() });
    const client = connect();
    for await (const event of client.watch('/', { snapshot: true })) if (event.kind === 'ready') break;
    await until(() => server.stats().activeRequests === 0);
    await using watch = client.watch('/', { snapshot: true });
    expect((await watch.next()).value).toEqual({ kind: 'ready' });
    const pending = watch.next();
    await watch.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await until(() => server.stats().activeRequests === 0);
  });

  it('neither waits for a turn of a blocking server nor takes one', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), strategy: 'blocking' });
    const watched = new Watched(connect());
    await watched.until('ready');
    await connect().writeFile('file', '');
    await watched.until('created', 'file');
  });

  it('ends at once when the client is closed, and goes to another server when its own is closed', async () => {
    const storage = new MemoryStorage();
    const { connect, server, port } = await serve({ storage });
    const client = connect();
    const watched = new Watched(client);
    await watched.until('ready');
    const closing = client.close({ graceMs: 600_000 });
    await expect(watched.next()).rejects.toMatchObject({ code: 'ESHUTDOWN' });
    await closing;
    const other = new Watched(connect({ port }));
    await other.until('ready');
    const pending = other.until('created', 'file');
    await server.close({ graceMs: 600_000 });
    const next = await new FileServer({ storage }).listen(port);
    onTestFinished(() => next.close({ graceMs: 0 }));
    await storage.mkdir(parseRemotePath('file'), { recursive: false });
    await pending;
    expect(other.takeKinds()).toEqual(['ready', 'lost', 'created']);
  });

  it('is refused with ENOTSUP by a storage that cannot be watched, ENOENT and ENOTDIR by any other', async () => {
    const { watch: _, ...rest } = methodsOf(new MemoryStorage());
    const { connect } = await serve({ storage: rest });
    await expect(new Watched(connect()).next()).rejects.toMatchObject({ code: 'ENOTSUP' });
    const { connect: connectOther } = await serve({ storage: new MemoryStorage() });
    const client = connectOther();
    await client.writeFile('file', '');
    await expect(new Watched(client, 'missing').next()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(new Watched(client, 'file').next()).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('refuses wrong options', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    expect(() => client.watch('/', { recursiv: true } as object)).toThrow(/no option recursiv/);
    expect(() => client.watch('/', { filter: 'x' } as object)).toThrow(TypeError);
    expect(() => client.watch('/', { maxEntries: 0 })).toThrow(TypeError);
    expect(() => client.watch({} as never)).toThrow(/path first/);
  });

  it('fails with EFLOOD beyond maxEntries', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const watched = new Watched(client, '/', { maxEntries: 2 });
    await watched.until('ready');
    for (const name of ['a', 'b', 'c']) await client.writeFile(name, '');
    await expect(watched.until('created', 'c')).rejects.toMatchObject({ code: 'EFLOOD' });
  });

  it('tells with a filter of other entries as if they did not exist', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const filter = ({ path: at }: { path: string }): boolean => at.endsWith('.txt');
    const watched = new Watched(client, '/', { recursive: true, filter });
    await watched.until('ready');
    await client.mkdir('d');
    await client.writeFile('d/a.txt', '');
    await client.writeFile('d/b.tmp', '');
    await client.rename('d/b.tmp', 'd/b.txt');
    await client.rename('d', 'e');
    await client.rename('e/a.txt', 'e/a.bak');
    await watched.until('removed', 'e/a.txt');
    const told = watched.events.flatMap((event) =>
      'entry' in event ? [`${event.kind} ${event.entry.path}`] : [],
    );
    expect(told).toEqual([
      'created d/a.txt',
      'created d/b.txt',
      ...['renamed e/b.txt', 'renamed e/a.txt'].sort((one) => (told[2] === one ? -1 : 1)),
      'removed e/a.txt',
    ]);
  });

  it('is refused with EAGAIN beyond the limits of the server, which count until it ends', async () => {
    const { connect, server } = await serve({
      storage: new MemoryStorage(),
      watches: { maxPerConnection: 1 },
    });
    const client = connect();
    const first = new Watched(client);
    await first.until('ready');
    await expect(new Watched(client).next()).rejects.toMatchObject({ code: 'EAGAIN' });
    await new Watched(connect()).until('ready');
    await first.watch.return?.();
    await until(() => server.stats().activeRequests === 1);
    await new Watched(client).until('ready');
  });

  it('gives a slow reader what it has missed, and the server keeps no more than its bound', async () => {
    const storage = new MemoryStorage();
    const { connect } = await serve({ storage });
    const watched = new Watched(connect({ limits: { windowBytes: 65_536 } }));
    await watched.until('ready');
    await storage.mkdir(parseRemotePath('d'), { recursive: false });
    for (let index = 0; index < 20_000; index++)
      await storage.mkdir(parseRemotePath(`d/${index}`), { recursive: false });
    await watched.until('lost');
    await watched.untilEqual();
    expect(watched.paths).toHaveLength(20_001);
  });
});

/** The methods of a storage, as a plain object. */
function methodsOf(storage: MemoryStorage): Storage {
  return {
    stat: (at) => storage.stat(at),
    list: (at, options) => storage.list(at, options),
    read: (at) => storage.read(at),
    watch: (at, options) => storage.watch(at, options),
  };
}

it('watches of one directory share the watches of the system', async () => {
  const root = await temporaryDirectory();
  let watches = 0;
  const { systemWatch } = await import('../../../src/storage/directory/watching/system-watch.js');
  const storage = new DirectoryStorage(
    root,
    {},
    {
      systemWatch: (...args) => {
        watches += 1;
        return systemWatch(...args);
      },
    },
  );
  const { connect } = await serve({ storage });
  const all = [1, 2, 3].map(() => new Watched(connect()));
  for (const watched of all) await watched.until('ready');
  await writeFile(path.join(root, 'file'), '');
  for (const watched of all) await watched.until('created', 'file');
  expect(watches).toBe(1);
});
