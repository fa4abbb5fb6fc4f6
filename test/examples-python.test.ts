import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, describe, it } from 'vitest';
import { bytesOf } from './support/bytes.js';
import { repositoryRoot } from './support/repository.js';
import { runProgram, type Outcome } from './support/package/run.js';
import { closedPort, scripted } from './support/servers/scripted.js';
import { serve, temporaryDirectory } from './support/servers/serve.js';

const MAX_LINES = 100;
const MODULES = ['errno', 'json', 'os', 'socket', 'sys', 'zlib'];

const script = path.join(repositoryRoot, 'examples/python/client.py');
const python = pythonHere();
if (!python)
  console.warn('There is no python3 of at least 3.10: the tests that run the Python client are skipped.');

describe('the Python client of the examples', () => {
  const source = readFileSync(script, 'utf8');

  it(`has at most ${MAX_LINES} lines`, () => {
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_LINES);
  });

  it('imports modules of the standard library only', () => {
    expect(source.match(/^\s*(?:import|from)\b.*$/gm)).toEqual([`import ${MODULES.join(', ')}`]);
  });
});

describe.skipIf(!python)('the Python client of the examples', () => {
  it('lists the root and a directory', async () => {
    const place = await servedDirectory();
    await mkdir(path.join(place.root, 'größe'));
    await writeFile(path.join(place.root, 'größe/a b.txt'), 'five!');
    expect(await place.run('list')).toEqual({ code: 0, stderr: '', stdout: "directory - 'größe'\n" });
    const listed = await place.run('list', 'größe');
    expect(listed).toEqual({ code: 0, stderr: '', stdout: "file 5 'größe/a b.txt'\n" });
  });

  it.each([
    ['no bytes', 0],
    ['one byte', 1],
    ['more bytes than a window', 5 * 1_048_576 + 1],
  ])('uploads and downloads a file of %s', async (_what, length) => {
    const place = await servedDirectory();
    const bytes = bytesOf(length);
    await writeFile(path.join(place.local, 'mine'), bytes);
    expect(await place.run('put', 'mine', 'theirs')).toEqual({ code: 0, stderr: '', stdout: '' });
    expect(bytes.equals(await readFile(path.join(place.root, 'theirs')))).toBe(true);
    expect(await place.run('get', 'theirs', 'back')).toEqual({ code: 0, stderr: '', stdout: '' });
    expect(bytes.equals(await readFile(path.join(place.local, 'back')))).toBe(true);
    expect((await readdir(place.local)).sort()).toEqual(['back', 'mine']);
  });

  it.each([
    ['ENOENT', ['get', 'missing', 'file']],
    ['ENOTDIR', ['list', 'file']],
    ['EILSEQ', ['get', '../file', 'file']],
    ['EISDIR', ['put', 'file', 'directory']],
  ])('reports %s of the server for %s', async (code, args) => {
    const place = await servedDirectory();
    await mkdir(path.join(place.root, 'directory'));
    await writeFile(path.join(place.root, 'file'), 'on the server');
    await writeFile(path.join(place.local, 'file'), 'here');
    const outcome = await place.run(...args);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(new RegExp(`^client\\.py: ${code}: .+\\n$`));
    expect(await readFile(path.join(place.local, 'file'), 'utf8')).toBe('here');
    expect(await readFile(path.join(place.root, 'file'), 'utf8')).toBe('on the server');
  });

  it('reports ECONNREFUSED where nothing listens', async () => {
    const outcome = await runClient(await temporaryDirectory(), await closedPort(), ['list']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^client\.py: ECONNREFUSED: .+\n$/);
  });

  it.each([
    ['EBADMSG', 'a wrong checksum', [data('Hello'), result({ bytes: 5, checksum: 'crc32:00000000' })]],
    ['EBADMSG', 'no checksum', [data('Hello'), result({ bytes: 5 })]],
    [
      'EBADMSG',
      'fewer bytes than announced',
      [data('Hell'), result({ bytes: 4, checksum: 'crc32:f90f6d1e' })],
    ],
    ['EBADMSG', 'a wrong running checksum', [data('Hello', { checksum: 'crc32:00000001' })]],
    ['EPROTO', 'a wrong length', [data('Hello', { length: 4 })]],
    ['EPROTO', 'a line that is not JSON', ['result id=1\n']],
    ['ECONNRESET', 'the end of the connection', [data('Hello')]],
    ['EIO', 'an error in the middle of the body', [data('He'), '{"type":"error","id":1,"code":"EIO"}\n']],
  ])('reports %s for a download with %s, and keeps the old file', async (code, _what, frames) => {
    const folder = await temporaryDirectory();
    await writeFile(path.join(folder, 'file'), 'before');
    const { port } = await scripted(
      '"open"',
      (_connection, socket) => {
        socket.end(ACCEPT + frames.join(''));
      },
      WELCOME,
    );
    const outcome = await runClient(folder, port, ['get', 'note.txt', 'file']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(new RegExp(`^client\\.py: ${code}: .*\\n$`));
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('before');
  });

  it('answers pings, and ignores empty acks and frames of unknown types', async () => {
    const folder = await temporaryDirectory();
    const noise = '{"type":"ack","id":1,"offset":0,"window":0}\n{"type":"later","id":1,"length":2}\n{}\n';
    const answers: string[] = [];
    const { port } = await scripted(
      '"open"',
      (_connection, socket) => {
        socket.write(`${noise}${ACCEPT}{"type":"ping","token":7}\n`);
        void once(socket, 'data').then(([answer]) => {
          answers.push(String(answer));
          socket.end(data('Hello') + noise + result({ bytes: 5, checksum: 'crc32:f7d18982' }));
        });
      },
      WELCOME,
    );
    const outcome = await runClient(folder, port, ['get', 'note.txt', 'file']);
    expect(outcome).toEqual({ code: 0, stderr: '', stdout: '' });
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('Hello');
    expect(answers.map((answer) => JSON.parse(answer) as unknown)).toEqual([{ type: 'pong', token: 7 }]);
  });
});

const WELCOME = '{"type":"welcome","version":1,"maxFrame":65536,"maxChannels":64}\n';
const ACCEPT =
  '{"type":"accept","id":1,"path":"note.txt","kind":"file","size":5,"mtime":0,"checksum":"crc32"}\n';

function data(bytes: string, fields: object = {}): string {
  return `${JSON.stringify({ type: 'data', id: 1, length: bytes.length, ...fields })}\n${bytes}\n`;
}

function result(fields: object): string {
  return `${JSON.stringify({ type: 'result', id: 1, ...fields })}\n`;
}

/** A server of an empty directory, and the client in another. */
async function servedDirectory() {
  const [root, local] = [await temporaryDirectory(), await temporaryDirectory()];
  const { port } = await serve({ root });
  return { root, local, run: (...args: string[]) => runClient(local, port, args) };
}

function runClient(cwd: string, port: number, args: readonly string[]): Promise<Outcome> {
  return runProgram(python!, ['-X', 'utf8', script, `127.0.0.1:${port}`, ...args], { cwd });
}

/** The Python of this machine, if it is new enough. */
function pythonHere(): string | undefined {
  for (const name of ['python3', 'python']) {
    try {
      execFileSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], { stdio: 'ignore' });
      return name;
    } catch {
      // Another name may lead to one.
    }
  }
  return undefined;
}
