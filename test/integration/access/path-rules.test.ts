/** Path rules over the wire: a request without permission has no effect, and reveals nothing. */
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { pathsIn, put } from '../../../src/contracts/storage/storage-fixture.js';
import {
  MemoryStorage,
  REMOTE_ROOT,
  parseRemotePath,
  type Authorize,
  type Permission,
  type FileClient,
  type FileServerOptions,
} from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { ended } from '../../support/frames/upload-wire.js';

const all = { recursive: true };
const at = parseRemotePath;

/** Whether a path is one of these, or below one. */
function isIn(path: string, ...roots: string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}/`));
}

/** Everything is permitted but some effects in some places. */
function forbid(effects: readonly Permission[], ...roots: string[]): Authorize {
  return async (_, effect, path) => !(effects.includes(effect) && isIn(path, ...roots));
}

/** A server of a few files in memory, with rules. */
async function serveRules(authorize: Authorize, options: FileServerOptions = {}) {
  const storage = new MemoryStorage();
  await storage.mkdir(at('open/secret/deep'), all);
  await storage.mkdir(at('target'), all);
  for (const path of ['open/file', 'open/secret/file', 'open/secret/deep/file', 'top', 'target/older']) {
    await put(storage, path, path);
  }
  const before = await pathsIn(storage, REMOTE_ROOT, true);
  const { server, connect } = await serve({ storage, authorize, ...options });
  return { storage, server, client: connect(), before, now: () => pathsIn(storage, REMOTE_ROOT, true) };
}

function refused(work: Promise<unknown>): Promise<void> {
  return expect(work).rejects.toMatchObject({ code: 'EACCES' });
}

async function listed(client: FileClient, path: string, recursive = true): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of client.list(path, { recursive })) paths.push(entry.path);
  return paths.sort();
}

describe('ftp-srv read-only: no command writes', () => {
  it.each<FileServerOptions>([
    { permissions: ['read', 'list'] },
    { authorize: forbid(['write', 'delete'], '') },
  ])('when only reading and listing is permitted: %j', async (options) => {
    const readOnly: Authorize = (_, effect) => effect === 'read' || effect === 'list';
    const { client, before, now } = await serveRules(options.authorize ? readOnly : () => true, {
      permissions: options.permissions,
    });
    await refused(client.writeFile('new', 'x'));
    await refused(client.writeFile('top', 'x'));
    await refused(client.mkdir('directory'));
    await refused(client.mkdir('a/b', all));
    await refused(client.remove('top'));
    await refused(client.remove('open', all));
    await refused(client.rename('top', 'other'));
    await refused(client.copy('top', 'other'));
    expect(await client.readFile('top', 'utf8')).toBe('top');
    expect(await listed(client, '/')).toEqual(before);
    expect(await now()).toEqual(before);
  });
});

describe('a path without read permission', () => {
  it('cannot be read by any operation, while its siblings can', async () => {
    const { client } = await serveRules(forbid(['read'], 'open/secret'));
    await refused(client.readFile('open/secret/file'));
    await refused(client.checksum('open/secret/deep/file'));
    await refused(client.copy('open/secret/file', 'copy'));
    await refused(client.rename('open/secret/file', 'moved'));
    await refused(client.rename('open/secret', 'moved'));
    expect(await client.readFile('open/file', 'utf8')).toBe('open/file');
    await client.stat('open/secret/file');
  });

  it('cannot be read after its directory is renamed', async () => {
    const { client, before, now } = await serveRules(forbid(['read'], 'open/secret/deep'));
    await refused(client.rename('open', 'moved'));
    expect(await now()).toEqual(before);
  });

  it('is indistinguishable from a missing path', async () => {
    const { client } = await serveRules(forbid(['read', 'list'], 'open/secret'));
    const errors: string[] = [];
    const note = (path: string) => (error: unknown) =>
      void errors.push(String(error).replaceAll(path, 'PATH'));
    for (const path of ['open/secret/file', 'open/secret/missing']) {
      await client.stat(path).catch(note(path));
      await client.readFile(path).catch(note(path));
    }
    expect(errors).toHaveLength(4);
    expect(errors.slice(0, 2)).toEqual(errors.slice(2));
  });
});

describe('a path without write permission', () => {
  it.each(['memory', 'a directory'])('stores nothing of an upload, in %s', async (kind) => {
    const root = await temporaryDirectory();
    const options: FileServerOptions = kind === 'memory' ? { storage: new MemoryStorage() } : { root };
    const { server, connect } = await serve({ ...options, authorize: forbid(['write'], 'closed') });
    const over = ended(server);
    await refused(connect().writeFile('closed', Buffer.alloc(100_000)));
    expect(await over).toMatchObject({ operation: 'upload', error: { code: 'EACCES' } });
    expect(await listed(connect(), '/')).toEqual([]);
    if (kind !== 'memory') expect(await readdir(root)).toEqual([]);
  });

  it('cannot be created by copy, mkdir or as a parent directory', async () => {
    const { client, before, now } = await serveRules(forbid(['write'], 'closed', 'open/new'));
    await refused(client.copy('top', 'closed'));
    await refused(client.mkdir('closed'));
    await refused(client.mkdir('closed/inner', all));
    await refused(client.mkdir('open/new/inner', all));
    expect(await now()).toEqual(before);
  });

  it('is checked as a parent directory only where it does not exist', async () => {
    const outer = ['open', 'other', 'other/a'];
    const { client, storage } = await serveRules(
      (_, effect, path) => effect !== 'write' || !outer.includes(path),
    );
    await client.mkdir('open/a/b', all);
    await refused(client.mkdir('other/a/b', all));
    expect(await pathsIn(storage, REMOTE_ROOT)).not.toContain('other');
    await storage.mkdir(at('other/a'), all);
    await client.mkdir('other/a/b', all);
  });

  it('cannot be created by renaming a directory that contains its name', async () => {
    const { client, before, now } = await serveRules(forbid(['write'], 'target/new/secret'));
    await refused(client.rename('open', 'target/new'));
    expect(await now()).toEqual(before);
    await client.remove('open/secret', all);
    await client.rename('open', 'target/new');
  });
});

describe('a path without delete permission', () => {
  it('stays, with the directory that contains it', async () => {
    const { client, before, now } = await serveRules(forbid(['delete'], 'open/secret/deep'));
    await refused(client.remove('open/secret/deep/file'));
    await refused(client.remove('open', all));
    await refused(client.rename('open', 'moved'));
    await refused(client.rename('open/secret/deep/file', 'moved'));
    expect(await now()).toEqual(before);
    await client.remove('open/file');
  });

  it('is not checked below a directory that must be empty', async () => {
    const { client } = await serveRules(forbid(['delete'], 'open/secret/deep'));
    await expect(client.remove('open')).rejects.toMatchObject({ code: 'ENOTEMPTY' });
  });
});

describe('a path without list permission', () => {
  it('is not listed, nor are its descendants', async () => {
    const { client, before } = await serveRules(forbid(['list'], 'open/secret'));
    const shown = before.filter((path) => !isIn(path, 'open/secret'));
    expect(await listed(client, '/')).toEqual(shown);
    expect(await listed(client, 'open', false)).toEqual(['open/file']);
    await refused(listed(client, 'open/secret'));
    await refused(client.stat('open/secret'));
    expect(await client.readFile('open/secret/file', 'utf8')).toBe('open/secret/file');
  });

  it('hides its descendants even where those could be listed by themselves', async () => {
    const { client } = await serveRules((_, effect, path) => effect !== 'list' || path !== 'open/secret');
    expect(await listed(client, '/')).not.toContain('open/secret/file');
    expect(await listed(client, '/')).not.toContain('open/secret/deep/file');
    expect(await listed(client, 'open/secret/deep')).toEqual(['open/secret/deep/file']);
  });

  it('may be the root, as the empty path', async () => {
    const asked: string[] = [];
    const { client } = await serveRules((_, _effect, path) => {
      asked.push(path);
      return path !== '';
    });
    await refused(listed(client, '/'));
    await refused(client.stat('/'));
    expect(asked).toEqual(['', '']);
  });
});

describe('an authorize callback that fails', () => {
  it('fails the request without details for the client, and keeps the connection open', async () => {
    let isBroken = true;
    const { client, server } = await serveRules(async () => {
      if (isBroken) throw new Error('sql://10.0.0.9 is away');
      return true;
    });
    const over = ended(server);
    const error: unknown = await client.readFile('top').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EIO', message: expect.not.stringContaining('sql') });
    expect(String((await over).error?.cause)).toContain('sql://10.0.0.9 is away');
    isBroken = false;
    expect(await client.readFile('top', 'utf8')).toBe('top');
    expect(server.stats().totalConnections).toBe(1);
  });

  it('within a listing ends the listing', async () => {
    const { client } = await serveRules((_, effect, path) => {
      if (path === 'open/secret/file') throw Object.assign(new Error('busy'), { code: 'EBUSY' });
      return effect === 'list';
    });
    await expect(listed(client, '/')).rejects.toMatchObject({ code: 'EBUSY' });
  });
});
