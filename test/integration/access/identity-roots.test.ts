/** Identities on one server: none sees, accesses or resumes the files of another. */
import { symlink, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathsIn, put } from '../../../src/contracts/storage/storage-fixture.js';
import {
  DirectoryStorage,
  MemoryStorage,
  parseRemotePath,
  REMOTE_ROOT,
  subStorage,
  type Authenticate,
  type FileServerOptions,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { answerTo, wireOf } from '../../support/frames/login-wire.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { ID, offsetOf, UploadWire } from '../../support/frames/upload-wire.js';

const at = parseRemotePath;
const bytes = bytesOf(10_000);

/** Accepts every client under its claimed name. */
const named: Authenticate = ({ user = '', password }) => user === password && { name: user };
/** The same, with a root of each name. */
const rooted: Authenticate = async (login) => {
  const identity = await named(login);
  return identity && { ...identity, root: `homes/${identity.name}` };
};

/** A server of two homes on a disk. */
async function serveHomes(options: FileServerOptions = {}) {
  const root = await temporaryDirectory();
  for (const name of ['ann', 'bob']) {
    await mkdir(path.join(root, 'homes', name), { recursive: true });
    await writeFile(path.join(root, 'homes', name, 'mine'), name);
  }
  const served = await serve({ root, authenticate: rooted, ...options });
  return { root, ...served };
}

describe('the root of an identity', () => {
  it('is all that the identity sees', async () => {
    const { connect } = await serveHomes();
    const ann = connect({ user: 'ann', password: 'ann' });
    const paths: string[] = [];
    for await (const entry of ann.list('/', { recursive: true })) paths.push(entry.path);
    expect(paths).toEqual(['mine']);
    expect(await ann.readFile('mine', 'utf8')).toBe('ann');
    await ann.writeFile('new', 'x');
    expect(await connect({ user: 'bob', password: 'bob' }).exists('new')).toBe(false);
  });

  const ways = [
    '../bob/mine',
    '..',
    'x/../../bob/mine',
    './mine',
    '/mine',
    '//mine',
    'a//b',
    '..\\bob\\mine',
    '%2e%2e%2fbob/mine',
    'homes%00',
  ];
  const operations = ['stat', 'list', 'download', 'checksum', 'mkdir', 'remove', 'rename', 'copy', 'upload'];

  it.each(operations)('cannot be left by any path: %s', async (op) => {
    const { port, root } = await serveHomes();
    const before = await pathsIn(new DirectoryStorage(root), REMOTE_ROOT, true);
    const wire = await wireOf(port, 'ann');
    let id = -1;
    for (const way of ways) {
      // In the text codec a value is percent-encoded, so that the server reads the decoded value.
      const answer = await answerTo(wire, (id += 2), `op=${op} path=${way} to=${way} recursive`);
      expect(answer, way).toMatch(/^error code=(EILSEQ|EPROTO)/);
      if (answer.includes('EPROTO')) break;
    }
    expect(await pathsIn(new DirectoryStorage(root), REMOTE_ROOT, true)).toEqual(before);
  });

  it.each(operations)('cannot be left by the path of a file outside: %s', async (op) => {
    const { port, root } = await serveHomes();
    const wire = await wireOf(port, 'ann');
    const outside = 'homes/bob/mine';
    const answer = await answerTo(wire, 1, `op=${op} path=${outside} to=${outside}`);
    expect(answer).toMatch(/^error code=ENOENT id=1 /);
    expect(answer.replace(`path=${outside}`, '')).not.toContain('homes');
    expect(await pathsIn(new DirectoryStorage(root), REMOTE_ROOT, true)).toEqual([
      'homes',
      'homes/ann',
      'homes/ann/mine',
      'homes/bob',
      'homes/bob/mine',
    ]);
  });

  it('cannot be left through links, whether a client or the system created them', async () => {
    const { connect, root } = await serveHomes();
    const home = path.join(root, 'homes', 'ann');
    await symlink('../bob', path.join(home, 'up'));
    await symlink('../bob/mine', path.join(home, 'file'));
    const ann = connect({ user: 'ann', password: 'ann' });
    for (const work of [
      () => ann.readFile('up/mine'),
      () => ann.readFile('file'),
      () => ann.writeFile('up/new', 'x'),
      () => ann.remove('up/mine'),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: expect.stringMatching(/^(ELOOP|EACCES|ENOTDIR)$/) });
    }
  });

  it('can be a storage of its own', async () => {
    const [mine, theirs] = [new MemoryStorage(), new MemoryStorage()];
    await mine.mkdir(at('in'), { recursive: false });
    await put(theirs, 'theirs', 'x');
    const { connect } = await serve({
      storage: theirs,
      authenticate: ({ user }) => ({ name: user ?? '', storage: mine, root: '/in' }),
    });
    const client = connect({ user: 'ann' });
    await client.writeFile('file', 'x');
    expect(await client.exists('theirs')).toBe(false);
    expect(await pathsIn(subStorage(mine, 'in'), REMOTE_ROOT)).toEqual(['file']);
  });

  it('that does not exist refuses the login with a code, and does not reveal its location', async () => {
    const { connect, server } = await serveHomes();
    const told: unknown[] = [];
    server.on('rejected', (_, error) => told.push(error.cause));
    const error: unknown = await connect({ user: 'eve', password: 'eve' })
      .stat('/')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EIO', retryable: true });
    expect(String(error)).not.toMatch(/homes|eve|tmp/);
    await expect(connect({ user: 'eve', password: 'eve' }).exists('mine')).rejects.toMatchObject({
      code: 'EIO',
    });
    expect(String(told[0])).toBe("Error: The root 'homes/eve' cannot be served.");
    expect(server.stats().rejectedLogins).toBe(2);
  });

  it('that is removed later is not created again by its owner', async () => {
    const { connect, root } = await serveHomes();
    const ann = connect({ user: 'ann', password: 'ann' });
    await ann.stat('/');
    await new DirectoryStorage(root).remove(at('homes/ann'), { recursive: true });
    for (const request of [
      ann.mkdir('a/b', { recursive: true }),
      ann.writeFile('a', 'x'),
      ann.stat('/'),
      ann.exists('mine'),
      ann.readdir(),
      ann.readFile('mine'),
    ]) {
      await expect(request).rejects.toMatchObject({ code: 'EIO', retryable: true });
    }
  });
});

const shared: Record<string, () => Promise<FileServerOptions>> = {
  'a directory': async () => ({ root: await temporaryDirectory(), authenticate: named }),
  memory: async () => ({ storage: new MemoryStorage(), authenticate: named }),
  'memory within quotas': async () => ({
    storage: new MemoryStorage(),
    authenticate: named,
    quota: { bytes: 1_000_000 },
  }),
};

describe.each(Object.entries(shared))(
  'a suspended upload into %s that two identities have in common',
  (_, make) => {
    it('can be resumed only by the identity that started it, whatever the id', async () => {
      const { server, port } = await serve(await make());
      const first = UploadWire.openOn(await wireOf(port, 'ann'), 1, 'path=file');
      expect(await first.answer()).toMatch(/^accept /);
      first.data(bytes.subarray(0, 5_000));
      await first.halfClose(server);
      const other = UploadWire.openOn(await wireOf(port, 'bob'), 1, 'path=file offset=5000');
      expect(await other.answer()).toMatch(/^error code=EGONE id=1 /);
      const anew = UploadWire.openOn(await wireOf(port, 'bob'), 1, 'path=file offset=0');
      expect(offsetOf(await anew.answer())).toBe(0);
      anew.cancel();
      await anew.answer();
      const second = UploadWire.openOn(await wireOf(port, 'ann'), 1, 'path=file offset=5000');
      expect(offsetOf(await second.answer())).toBe(5_000);
      second.data(bytes.subarray(5_000));
      second.end(bytes);
      expect(await second.answer()).toMatch(/^result /);
    });

    it('that is running is not stopped by another identity with the same id', async () => {
      const { port } = await serve(await make());
      const mine = UploadWire.openOn(await wireOf(port, 'ann'), 1, 'path=file');
      expect(await mine.answer()).toMatch(/^accept /);
      mine.data(bytes.subarray(0, 5_000));
      const theirs = UploadWire.openOn(await wireOf(port, 'bob'), 1, `path=file upload=${ID} offset=0`);
      expect(await theirs.answer()).toMatch(/^accept /);
      mine.data(bytes.subarray(5_000));
      mine.end(bytes);
      expect(await mine.answer()).toMatch(/^result /);
    });

    it('that is complete does not reveal its result to another identity', async () => {
      const { port } = await serve(await make());
      const mine = UploadWire.openOn(await wireOf(port, 'ann'), 1, 'path=file');
      await mine.answer();
      mine.data(bytes);
      mine.end(bytes);
      expect(await mine.answer()).toMatch(/^result /);
      const theirs = UploadWire.openOn(await wireOf(port, 'bob'), 1, `path=file offset=${bytes.length}`);
      expect(await theirs.answer()).toMatch(/^error code=EGONE id=1 /);
      const again = UploadWire.openOn(await wireOf(port, 'ann'), 1, `path=file offset=${bytes.length}`);
      expect(await again.answer()).toMatch(/^result /);
    });
  },
);
