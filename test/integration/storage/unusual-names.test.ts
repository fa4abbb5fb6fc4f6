/** Names of files that no path can express, and names that only some systems can hold. */
import fs from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  DirectoryStorage,
  isPortablePath,
  MemoryStorage,
  parseRemotePath,
  subStorage,
  type FileClient,
  type RequestSummary,
} from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const posix = describe.skipIf(process.platform === 'win32');
// Other systems refuse names that are not UTF-8.
const linux = describe.runIf(process.platform === 'linux');

const NOT_PORTABLE = ['10:32.jpg', 'What?.mp3', 'a "b".txt', '<|>*', 'dot.', 'space ', '...', 'aux.c', 'NUL'];

async function listing(client: FileClient, where = '/', recursive = true) {
  const entries = client.list(where, { recursive });
  const paths: string[] = [];
  expect(entries.omitted).toBeUndefined();
  for await (const entry of entries) paths.push(entry.path);
  return { paths: paths.sort(), omitted: entries.omitted };
}

function bytes(...parts: (string | number)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code,
  );
}

posix('a name that only some systems can hold', () => {
  async function served(options: { portableNames?: boolean } = {}) {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root, ...options });
    return { root, client: connect() };
  }

  it('is listed, read, copied, renamed away and removed if it exists', async () => {
    const { root, client } = await served();
    for (const name of NOT_PORTABLE) fs.writeFileSync(path.join(root, name), name);
    expect(await listing(client)).toEqual({ paths: [...NOT_PORTABLE].sort(), omitted: 0 });
    for (const [index, name] of NOT_PORTABLE.entries()) {
      expect(isPortablePath(name)).toBe(false);
      expect((await client.stat(name)).path).toBe(name);
      expect(await client.readFile(name, 'utf8')).toBe(name);
      expect(await client.checksum(name)).toMatch(/^sha256:|^crc32:/);
      await client.utimes(name, new Date(0));
      await client.copy(name, `copy ${index}`);
      if (index % 2) await client.rename(name, `new ${index}`);
      else await client.remove(name);
      expect(await client.exists(name)).toBe(false);
    }
    expect((await listing(client)).paths).toHaveLength(
      NOT_PORTABLE.length + Math.floor(NOT_PORTABLE.length / 2),
    );
  });

  it.each(NOT_PORTABLE)('is not given to a new file or directory: %j', async (name) => {
    const { root, client } = await served();
    await client.writeFile('file', 'x');
    const works = [
      () => client.writeFile(name, 'x'),
      () => client.writeFile(name, 'x', { overwrite: false }),
      () => client.writeFile(name, Buffer.alloc(200_000)),
      () => client.mkdir(name),
      () => client.mkdir(`${name}/inner`, { recursive: true }),
      () => client.copy('file', name),
      () => client.rename('file', name),
      () => client.rename('file', name, { overwrite: true }),
      () => client.uploadFile(path.join(root, 'file'), name),
    ];
    for (const work of works) expect(await codeOf(work())).toBe('EILSEQ');
    expect((await listing(client)).paths).toEqual(['file']);
  });

  it('is kept by a new version, and by what is made in an existing directory of that name', async () => {
    const { root, client } = await served();
    fs.writeFileSync(path.join(root, 'a:b'), 'old');
    fs.mkdirSync(path.join(root, 'what?'));
    await client.writeFile('a:b', 'new');
    await client.writeFile('a:b', Buffer.alloc(200_000, 'n'));
    await client.writeFile('what?/file', 'x');
    await client.mkdir('what?/inner/deeper', { recursive: true });
    await client.rename('what?/file', 'a:b', { overwrite: true });
    expect(await client.readFile('a:b', 'utf8')).toBe('x');
    expect(await codeOf(client.writeFile('what?/x:y', 'x'))).toBe('EILSEQ');
    expect((await listing(client)).paths).toEqual(['a:b', 'what?', 'what?/inner', 'what?/inner/deeper']);
  });

  it('is given to new files by a server with portableNames: false', async () => {
    const { client } = await served({ portableNames: false });
    for (const name of NOT_PORTABLE) await client.writeFile(name, name);
    await client.mkdir('a:b/c?', { recursive: true });
    expect((await listing(client)).paths).toEqual([...NOT_PORTABLE, 'a:b', 'a:b/c?'].sort());
    expect(await codeOf(client.writeFile('a\\b', 'x'))).toBe('EILSEQ');
  });

  it('is refused on Windows, for every request, and omitted from listings', async () => {
    const root = await temporaryDirectory();
    const storage = new DirectoryStorage(root, {}, { platform: 'win32' });
    const { connect } = await serve({ storage, portableNames: false });
    const client = connect();
    for (const name of NOT_PORTABLE) fs.writeFileSync(path.join(root, name), name);
    await client.writeFile('file', 'x');
    expect(await listing(client)).toEqual({ paths: ['file'], omitted: NOT_PORTABLE.length });
    for (const name of [...NOT_PORTABLE, 'file::$DATA', 'C:file', '.. /x']) {
      for (const work of [
        client.stat(name),
        client.readFile(name),
        client.writeFile(name, 'y'),
        client.remove(name),
      ])
        expect(await codeOf(work)).toBe('EILSEQ');
      expect(await codeOf(client.rename('file', name))).toBe('EILSEQ');
      expect(await codeOf(listing(client, name))).toBe('EILSEQ');
    }
  });
});

posix('a name that no path can express', () => {
  it('is omitted from listings and counted, for the client and the server', async () => {
    const root = await temporaryDirectory();
    fs.mkdirSync(path.join(root, 'dir', 'back\\slash'), { recursive: true });
    fs.writeFileSync(path.join(root, 'dir', 'back\\slash', 'inner'), '');
    for (const name of ['new\nline', 'tab\t', '\u009b', 'file'])
      fs.writeFileSync(path.join(root, 'dir', name), '');
    fs.symlinkSync('nowhere', path.join(root, 'link\n'));
    const { connect, server } = await serve({ root });
    const client = connect();
    const ended = once(server, 'requestEnd') as Promise<[RequestSummary]>;
    expect(await listing(client)).toEqual({ paths: ['dir', 'dir/file'], omitted: 4 });
    expect((await ended)[0]).toMatchObject({ operation: 'list', omitted: 4, error: undefined });
    expect(await listing(client, 'dir', false)).toEqual({ paths: ['dir/file'], omitted: 4 });
    // Links are hidden on purpose, and not counted.
    expect(await listing(client, '/', false)).toEqual({ paths: ['dir'], omitted: 0 });
    expect(server.stats().omittedNames).toBe(8);
    await client.remove('dir', { recursive: true });
    expect(fs.readdirSync(root)).toEqual(['link\n']);
  });

  it('is not counted for a client that may not list its directory', async () => {
    const root = await temporaryDirectory();
    for (const dir of ['open/deep', 'secret/deep']) {
      fs.mkdirSync(path.join(root, dir), { recursive: true });
      fs.writeFileSync(path.join(root, dir, 'back\\slash'), '');
    }
    const { connect } = await serve({
      root,
      authenticate: () => ({ name: 'ann' }),
      allowUnencryptedCredentials: true,
      authorize: (_identity, _permission, where) => where !== 'secret',
    });
    const client = connect({ user: 'ann', password: 'x' });
    expect(await listing(client)).toEqual({ paths: ['open', 'open/deep'], omitted: 1 });
    await client.remove('open', { recursive: true });
    expect(fs.readdirSync(root)).toEqual(['secret']);
  });

  it('is one that makes a path too long, in memory and on disk', async () => {
    const root = await temporaryDirectory();
    for (const storage of [new MemoryStorage(), new DirectoryStorage(root, { flush: false })]) {
      const { connect } = await serve({ storage });
      const client = connect();
      const deep = Array.from({ length: 20 }, () => 'd'.repeat(100)).join('/');
      for (const part of ['a', 'b', 'c']) await client.mkdir(`${part}/${deep}`, { recursive: true });
      await client.writeFile(`c/${deep}/file`, 'x');
      await client.rename('c', `b/${deep}/c`);
      await client.rename('b', `a/${deep}/b`);
      expect((await listing(client)).omitted).toBe(1);
      await client.remove('a', { recursive: true });
      expect(await listing(client)).toEqual({ paths: [], omitted: 0 });
    }
  });

  it('is counted in a sub-storage', async () => {
    const root = await temporaryDirectory();
    fs.mkdirSync(path.join(root, 'sub', 'dir'), { recursive: true });
    fs.writeFileSync(path.join(root, 'sub', 'dir', 'back\\slash'), '');
    const found: string[] = [];
    const storage = subStorage(new DirectoryStorage(root), 'sub');
    const onOmitted = (directory: string): void => void found.push(directory);
    for await (const _ of storage.list(parseRemotePath('dir'), { recursive: true, onOmitted }));
    expect(found).toEqual(['dir']);
  });
});

linux('a name that is not UTF-8', () => {
  it('is counted, also beside a name with U+FFFD that reads the same', async () => {
    const root = await temporaryDirectory();
    fs.mkdirSync(path.join(root, 'dir'));
    for (const name of [bytes(0xe9), bytes(0xff), bytes('caf', 0xe9), bytes(0xed, 0xa0, 0x80)])
      fs.writeFileSync(bytes(`${root}/dir/`, ...name), '');
    fs.writeFileSync(path.join(root, 'dir', 'caf\ufffd'), 'real');
    fs.mkdirSync(bytes(`${root}/dir/d`, 0x80));
    const client = (await serve({ root })).connect();
    expect(await listing(client)).toEqual({ paths: ['dir', 'dir/caf\ufffd'], omitted: 5 });
    expect(await client.readFile('dir/caf\ufffd', 'utf8')).toBe('real');
  });

  it('does not keep its directory from being removed, at any depth', async () => {
    const root = await temporaryDirectory();
    const outside = await temporaryDirectory();
    fs.writeFileSync(path.join(outside, 'kept'), '');
    const inner = bytes(`${root}/tree/d`, 0xe9, '/e', 0xff, '/plain/f', 0x80);
    fs.mkdirSync(inner, { recursive: true });
    for (const directory of [bytes(`${root}/tree`), bytes(`${root}/tree/d`, 0xe9), inner]) {
      fs.writeFileSync(bytes(...directory, '/', 0xc3), '');
      fs.writeFileSync(bytes(...directory, '/\ufffd'), '');
      fs.symlinkSync(outside, bytes(...directory, '/link', 0xe9));
      fs.mkdirSync(bytes(...directory, '/x\ufffd/y'), { recursive: true });
      fs.mkdirSync(bytes(...directory, '/x', 0xe9));
    }
    const { connect } = await serve({ root });
    const client = connect();
    await client.remove('tree', { recursive: true });
    expect(fs.readdirSync(root).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(fs.readdirSync(outside)).toEqual(['kept']);
  });
});
