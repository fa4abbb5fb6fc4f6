/**
 * ftp-srv, pyftpdlib, rsync, croc, tus: ways out of the root. Paths that change during the check are in
 * `test/storage/directory/walk/path-race.test.ts`.
 */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage } from '../../src/storage/directory/directory-storage.js';
import { operations } from '../../src/server/operations/operations.js';
import { serve, temporaryDirectory } from '../support/servers/serve.js';
import { answersInBatch } from '../support/frames/batch-wire.js';
import { ID } from '../support/frames/upload-wire.js';
import { Wire } from '../support/frames/wire.js';

const SECRET = 'a secret';

/** A root in a directory that holds a sibling of nearly the same name, and links that lead there. */
async function besideASecret() {
  const place = await temporaryDirectory();
  const root = path.join(place, 'root');
  const secret = path.join(place, 'root_secret');
  await mkdir(path.join(root, 'inner'), { recursive: true });
  await mkdir(secret);
  await writeFile(path.join(root, 'mine'), 'mine');
  await writeFile(path.join(secret, 'file'), SECRET);
  await symlink(secret, path.join(root, 'way'));
  await symlink(path.join(secret, 'file'), path.join(root, 'leaf'));
  const { port } = await serve({ root });
  return { port, place, root, secret };
}

/** These are about the identity or a method, and ignore a path; a batch has requests with paths, see below. */
const withoutPath = ['quota', 'methods', 'call', 'stream', 'batch'];

/** The operations that take a path. */
const withPath = Object.keys(operations).filter((op) => !withoutPath.includes(op));

/** The requests of a batch about a path. */
function batchAbout(asked: string) {
  const about = { path: asked, recursive: true, overwrite: true, mtime: 0, mode: 0 };
  return [
    { op: 'download', ...about },
    { op: 'upload', ...about },
  ];
}

/** Those about a file: `upload-status` is about an upload, which the path need not have. */
const ofFiles = withPath.filter((op) => op !== 'upload-status');

/** Asks each operation of the table for a path, at each place where it takes one. Gives the code of each answer. */
async function answersTo(
  port: number,
  asked: string,
  ops: readonly string[] = withPath,
): Promise<readonly string[]> {
  const wire = await Wire.connect(port);
  wire.send('{"type":"hello","version":1}\n');
  await wire.line();
  const codes: string[] = [];
  const requests = ops.flatMap((op) => [
    { op, path: asked, to: 'new', ...(op === 'upload-status' && { upload: ID }) },
    ...(op === 'rename' || op === 'copy' ? [{ op, path: 'mine', to: asked }] : []),
  ]);
  for (const [index, request] of requests.entries()) {
    const id = 2 * index + 1;
    wire.send(
      `${JSON.stringify({ type: 'open', id, recursive: true, overwrite: true, mtime: 0, mode: 0, ...request })}\n`,
    );
    const answer = JSON.parse((await wire.line()) ?? '{}') as { id?: number; type?: string; code?: string };
    expect(answer.id).toBe(id);
    codes.push(answer.code ?? `${request.op}: ${answer.type}`);
  }
  return codes;
}

describe.runIf(process.platform !== 'win32')(
  'ftp-srv, pyftpdlib, rsync, croc, tus: no operation leaves the root',
  () => {
    it.each([
      ['by ..', '../root_secret/file'],
      ['by .. behind a directory', 'inner/../../root_secret/file'],
      ['by .. at the end', 'inner/..'],
      ['by a dot', './mine'],
      ['by an absolute path', '/etc/passwd'],
      ['by two slashes', '//etc/passwd'],
      ['by backslashes', '..\\root_secret\\file'],
      ['by a backslash behind a directory', 'inner\\..\\..\\root_secret\\file'],
      ['by a share', '\\\\host\\share'],
      ['by a NUL', 'mine\0/../../root_secret/file'],
      ['by half a character', 'mine\ud800'],
    ])('%s', async (_, asked) => {
      const { port, secret, root } = await besideASecret();
      // A value that no field can hold is a protocol error.
      const codes = await answersTo(port, asked).catch(() => ['EPROTO']);
      const code = /[\0\ud800]/.test(asked) ? 'EPROTO' : 'EILSEQ';
      expect(new Set(codes)).toEqual(new Set([code]));
      expect(new Set(await answersInBatch(port, batchAbout(asked)))).toEqual(new Set([code]));
      expect(await readFile(path.join(secret, 'file'), 'utf8')).toBe(SECRET);
      expect((await readdir(root)).sort()).toEqual(['inner', 'leaf', 'mine', 'way']);
    });

    describe.each<NodeJS.Platform>(['win32', process.platform])('as a server on %s reads it', (platform) => {
      it.each([
        ['by a drive', 'C:/root_secret/file'],
        ['by a stream of a file', 'mine::$DATA'],
        ['by a device', 'inner/COM\u00b9.txt'],
        ['by an end that Windows drops', 'inner/.. /root_secret'],
      ])('%s', async (_, asked) => {
        const { secret, root } = await besideASecret();
        const { port } = await serve({ storage: new DirectoryStorage(root, {}, { platform }) });
        // Elsewhere they are names like any other, which no file has, and which are not given to a new one.
        const codes = new Set(await answersTo(port, asked, ofFiles));
        expect(codes).toEqual(new Set(platform === 'win32' ? ['EILSEQ'] : ['EILSEQ', 'ENOENT']));
        const inBatch = await answersInBatch(port, batchAbout(asked));
        expect(inBatch).toEqual([platform === 'win32' ? 'EILSEQ' : 'ENOENT', 'EILSEQ']);
        const ofUpload = await answersTo(port, asked, ['upload-status']);
        expect(ofUpload).toEqual([platform === 'win32' ? 'EILSEQ' : 'EGONE']);
        expect(await readFile(path.join(secret, 'file'), 'utf8')).toBe(SECRET);
        expect((await readdir(root)).sort()).toEqual(['inner', 'leaf', 'mine', 'way']);
        expect(await readdir(path.join(root, 'inner'))).toEqual([]);
      });
    });

    it.each(['way', 'leaf'])('by removing a link: %s', async (asked) => {
      const { port, secret, root } = await besideASecret();
      const wire = await Wire.connect(port);
      wire.send(`hello version=1\nopen id=1 op=remove path=${asked} recursive=true\n`);
      await wire.line();
      expect(await wire.line()).toMatch(/^result id=1 /);
      expect(await readdir(root)).not.toContain(asked);
      expect(await readFile(path.join(secret, 'file'), 'utf8')).toBe(SECRET);
    });

    it.each(['way', 'way/file', 'leaf'])('through a link: %s', async (asked) => {
      const { port, secret } = await besideASecret();
      const others = ofFiles.filter((op) => op !== 'remove' || asked.includes('/'));
      const codes = await answersTo(port, asked, others);
      // There is something of that name, which is all that is said of it.
      expect(['ELOOP', 'EEXIST']).toEqual(expect.arrayContaining([...new Set(codes)]));
      expect(new Set(await answersInBatch(port, batchAbout(asked)))).toEqual(new Set(['ELOOP']));
      // Of uploads, not even that.
      expect(await answersTo(port, asked, ['upload-status'])).toEqual(['EGONE']);
      expect(await readdir(secret)).toEqual(['file']);
      expect(await readFile(path.join(secret, 'file'), 'utf8')).toBe(SECRET);
    });

    it.each(['_secret/file', '_secret', 'root_secret/file'])(
      'through a name that starts with the name of the root: %s',
      async (asked) => {
        const { port, secret } = await besideASecret();
        const wire = await Wire.connect(port);
        wire.send(`hello version=1\nopen id=1 op=download path=${asked}\n`);
        await wire.line();
        expect(await wire.line()).toMatch(/^error code=ENOENT id=1 /);
        expect(await readdir(secret)).toEqual(['file']);
      },
    );

    it.each(['%2e%2e/root_secret/file', '..%2froot_secret', '.../root', '%252e%252e/x'])(
      'through an encoding that other programs decode: %s',
      async (asked) => {
        const { port, secret, place } = await besideASecret();
        const codes = await answersTo(port, asked);
        // They are names like any other, or none.
        expect(codes).not.toContain('EIO');
        expect((await readdir(place)).sort()).toEqual(['root', 'root_secret']);
        expect(await readdir(secret)).toEqual(['file']);
      },
    );
  },
);
