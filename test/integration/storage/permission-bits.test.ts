/** Permission bits of files and directories, in every operation and codec. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  DirectoryStorage,
  MemoryStorage,
  storageFromStreams,
  type CodecName,
  type FileClient,
  type FileEntry,
  type RemotePath,
} from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const isWindows = process.platform === 'win32';

function modeOf(...names: string[]): number {
  return fs.statSync(path.join(...names)).mode & 0o7777;
}

async function modesIn(client: FileClient): Promise<Record<string, number | undefined>> {
  const entries = await client.readdir('/', { recursive: true });
  return Object.fromEntries(entries.map(({ path: name, mode }) => [name, mode]));
}

describe.skipIf(isWindows).each<CodecName>(['text', 'json', 'xml', 'binary'])('over %s', (codec) => {
  it('are told by every answer about a file or directory', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    const client = connect({ codec });
    expect(await client.writeFile('file', 'x', { mode: 0o640 })).toMatchObject({ mode: 0o640 });
    await client.mkdir('folder');
    expect(await client.chmod('folder', 0o711)).toMatchObject({ kind: 'directory', mode: 0o711 });
    expect(await client.stat('file')).toMatchObject({ mode: 0o640 });
    expect(await client.download('file').entry).toMatchObject({ mode: 0o640 });
    expect(await client.copy('file', 'folder/copy')).toMatchObject({ mode: 0o640 });
    expect(await client.utimes('file', new Date(0))).toMatchObject({ mode: 0o640 });
    expect(await modesIn(client)).toEqual({ file: 0o640, folder: 0o711, 'folder/copy': 0o640 });
    expect([modeOf(root, 'file'), modeOf(root, 'folder')]).toEqual([0o640, 0o711]);
  });

  it('are exactly those that an upload of any size names, and otherwise stay', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    const client = connect({ codec });
    for (const bytes of [1, 100_000]) {
      const content = Buffer.alloc(bytes);
      for (const overwrite of [undefined, false]) {
        await client.remove('file').catch(() => undefined);
        for (const mode of [0o777, 0o400]) {
          if (overwrite === false) await client.remove('file').catch(() => undefined);
          await client.writeFile('file', content, { mode, overwrite });
          expect(modeOf(root, 'file')).toBe(mode);
        }
      }
      await client.chmod('file', 0o751);
      await client.writeFile('file', content);
      const append = client.append('file');
      append.end('more');
      expect(await append.completed).toMatchObject({ mode: 0o751 });
      expect(modeOf(root, 'file')).toBe(0o751);
    }
  });

  it('of a mode 0 file are set again', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    const client = connect({ codec });
    await client.writeFile('file', 'x', { mode: 0 });
    expect(modeOf(root, 'file')).toBe(0);
    expect(await client.chmod('file', 0o600)).toMatchObject({ mode: 0o600 });
    expect(await client.readFile('file', 'utf8')).toBe('x');
  });

  it('are kept by uploads and downloads of local files, if asked for', async () => {
    const root = await temporaryDirectory();
    const local = await temporaryDirectory();
    const { connect } = await serve({ root });
    const client = connect({ codec });
    for (const bytes of [10, 300_000]) {
      fs.writeFileSync(path.join(local, 'up'), Buffer.alloc(bytes));
      fs.chmodSync(path.join(local, 'up'), 0o710);
      expect(await client.uploadFile(path.join(local, 'up'), 'kept', { preserveMode: true })).toMatchObject({
        mode: 0o710,
      });
      await client.uploadFile(path.join(local, 'up'), 'named', { preserveMode: true, mode: 0o604 });
      expect([modeOf(root, 'kept'), modeOf(root, 'named')]).toEqual([0o710, 0o604]);
      await client.downloadFile('kept', path.join(local, 'down'), { preserveMode: true });
      expect(modeOf(local, 'down')).toBe(0o710);
      fs.chmodSync(path.join(local, 'down'), 0o600);
      await client.downloadFile('kept', path.join(local, 'down'));
      expect(modeOf(local, 'down')).toBe(0o600);
    }
  });

  it('are no others: neither end sets or believes set-user-ID', async () => {
    const storage = new MemoryStorage();
    const { connect } = await serve({ storage });
    const client = connect({ codec });
    await client.writeFile('file', 'x');
    for (const mode of [0o4755, -1, 0.5]) {
      await expect(client.chmod('file', mode)).rejects.toThrow(TypeError);
      await expect(client.writeFile('file', 'y', { mode })).rejects.toThrow(TypeError);
    }
    expect(await client.readFile('file', 'utf8')).toBe('x');
    storage.stat = async (name: RemotePath): Promise<FileEntry> => ({
      path: name,
      kind: 'file',
      size: 1,
      mtime: new Date(),
      mode: 0o4755,
    });
    await expect(client.stat('file')).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('a storage without permission bits', () => {
  it('ignores those of an upload, and sets none', async () => {
    const files = new MemoryStorage();
    const bare = ({ mode: _mode, ...entry }: FileEntry): FileEntry => entry;
    const storage = storageFromStreams({
      stat: async (name) => bare(await files.stat(name)),
      list: (name, options) => files.list(name, options),
      createReadStream: () => Promise.reject(new Error('unused')),
      async createWriteStream(name) {
        const { Writable } = await import('node:stream');
        return new Writable({
          write: (chunk: Buffer, _encoding, done) =>
            void files.writeFile(name, [chunk], { overwrite: true }).then(() => done(), done),
        });
      },
    });
    const { connect } = await serve({ storage });
    const client = connect();
    expect(await client.writeFile('file', 'x', { mode: 0o600 })).not.toHaveProperty('mode');
    await expect(client.chmod('file', 0o600)).rejects.toMatchObject({ code: 'ENOTSUP' });
  });
});

describe.skipIf(isWindows)('a directory', () => {
  it('keeps its set-group-ID and sticky bits', async () => {
    const root = await temporaryDirectory();
    fs.mkdirSync(path.join(root, 'shared'));
    fs.chmodSync(path.join(root, 'shared'), 0o3777);
    await new DirectoryStorage(root).chmod('shared' as RemotePath, 0o750);
    expect(modeOf(root, 'shared')).toBe(0o3750);
  });
});

describe.skipIf(isWindows)('a symbolic link', () => {
  it.each(['handles', 'names'] as const)('is not followed by a change (%s)', async (walking) => {
    const root = await temporaryDirectory();
    const outside = await temporaryDirectory();
    fs.writeFileSync(path.join(outside, 'secret'), 'x', { mode: 0o600 });
    fs.symlinkSync(path.join(outside, 'secret'), path.join(root, 'link'));
    const storage = new DirectoryStorage(root, {}, { walking });
    await expect(storage.chmod('link' as RemotePath, 0o777)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(modeOf(outside, 'secret')).toBe(0o600);
  });
});
