/** Modification times before 1970, and beyond what a Date can hold, in every operation and codec. */
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStorage, type CodecName, type FileEntry } from '../../../src/index.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

const OLD = new Date('1969-07-20T20:17:40.123Z');

async function all(listing: AsyncIterable<FileEntry>): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for await (const { path: name, mtime } of listing) times[name] = mtime.getTime();
  return times;
}

describe.each<CodecName>(['text', 'json', 'xml', 'binary'])('over %s', (codec) => {
  it('a time before 1970 is kept by files, directories, copies and local files', async () => {
    const root = await temporaryDirectory();
    const local = await temporaryDirectory();
    const { connect } = await serve({ root });
    const client = connect({ codec });
    fs.writeFileSync(path.join(local, 'up'), 'x');
    fs.utimesSync(path.join(local, 'up'), new Date(), OLD);
    await client.uploadFile(path.join(local, 'up'), 'file');
    await client.writeFile('written', 'x', { mtime: OLD });
    await client.mkdir('folder');
    expect((await client.utimes('folder', OLD)).mtime).toEqual(OLD);
    const time = OLD.getTime();
    expect(await all(client.list('/'))).toEqual({ file: time, written: time, folder: time });
    await client.downloadFile('file', path.join(local, 'down'));
    expect(fs.statSync(path.join(local, 'down')).mtime).toEqual(OLD);
    expect((await client.download('file').entry).mtime).toEqual(OLD);
    expect((await client.utimes('file', new Date(-1))).mtime).toEqual(new Date(-1));
    expect(fs.statSync(path.join(root, 'file')).mtime).toEqual(new Date(-1));
  });

  it('the first and the last date are kept by a storage in memory', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect({ codec });
    for (const ms of [-8.64e15, 8.64e15]) {
      await client.writeFile('file', 'x', { mtime: new Date(ms) });
      expect((await client.stat('file')).mtime).toEqual(new Date(ms));
    }
  });
});

it('a directory has the times of fs.stat(), rounded', async () => {
  const root = await temporaryDirectory();
  const { connect } = await serve({ root });
  const expected: Record<string, number> = {};
  for (let index = 0; index < 100; index++) {
    const name = path.join(root, String(index));
    fs.writeFileSync(name, '');
    fs.utimesSync(name, 1, `${index % 2 ? '-' : ''}1700000${index}.${index}9995`);
    expected[index] = fs.statSync(name).mtime.getTime();
  }
  expect(await all(connect().list('/'))).toEqual(expected);
});

// Few file systems have such times; a tmpfs does.
describe.skipIf(!fs.existsSync('/dev/shm'))('a time that no Date can hold', () => {
  it.each(['9000000000000', '-9000000000000'])('does not hide its file, or others: @%s', async (seconds) => {
    const root = await mkdtemp('/dev/shm/socket-ftp-');
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    fs.writeFileSync(path.join(root, 'good'), 'good');
    fs.writeFileSync(path.join(root, 'wild'), 'wild');
    fs.utimesSync(path.join(root, 'good'), 1, 1);
    execFileSync('touch', ['-d', `@${seconds}`, path.join(root, 'wild')]);
    const { connect } = await serve({ root });
    const client = connect();
    const nearest = Math.sign(Number(seconds)) * 8.64e15;
    expect(await all(client.list('/'))).toEqual({ good: 1000, wild: nearest });
    expect(await client.readFile('wild', 'utf8')).toBe('wild');
    expect((await client.stat('wild')).mtime).toEqual(new Date(nearest));
    expect((await client.copy('wild', 'copied')).size).toBe(4);
    await client.uploadFile(path.join(root, 'wild'), 'uploaded');
    expect((await client.stat('uploaded')).mtime).toEqual(new Date(nearest));
    expect((await client.utimes('wild', new Date(5))).mtime).toEqual(new Date(5));
  });
});
