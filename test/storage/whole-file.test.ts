import fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRemotePath } from '../../src/protocol/remote-path.js';
import { directCalls } from '../../src/storage/directory/direct-calls.js';
import { DirectoryStorage } from '../../src/storage/directory/directory-storage.js';
import { fileCalls } from '../../src/storage/directory/file-calls.js';
import { bytesOf } from '../support/bytes.js';
import { everyCallIsShort } from '../support/open-gate.js';

const MOST_BYTES = 32 * 1024;

describe.runIf(process.platform === 'linux')('a file that is read when it is opened', () => {
  let root: string;
  let storage: DirectoryStorage;

  beforeEach(everyCallIsShort);
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-whole-'));
    storage = new DirectoryStorage(root, {}, { calls: directCalls(fileCalls, { isLocal: () => true }) });
  });

  afterEach(async () => {
    await storage.close();
    await rm(root, { recursive: true });
  });

  /** What is at hand of a file. */
  async function contentOf(name: string): Promise<Uint8Array | undefined> {
    const file = await storage.read(parseRemotePath(name));
    await file.close();
    return file.content;
  }

  it.each([0, 1, MOST_BYTES])('has all of its %d bytes at hand', async (size) => {
    fs.mkdirSync(path.join(root, 'a'));
    fs.writeFileSync(path.join(root, 'a', 'file'), bytesOf(size));
    expect(bytesOf(size).equals((await contentOf('a/file')) ?? Buffer.of(1))).toBe(true);
  });

  it('is no large one', async () => {
    fs.writeFileSync(path.join(root, 'file'), bytesOf(MOST_BYTES + 1));
    expect(await contentOf('file')).toBeUndefined();
  });

  it('stays what it was when it was opened, and holds no handle', async () => {
    fs.writeFileSync(path.join(root, 'file'), 'before');
    const handles = fs.readdirSync('/proc/self/fd').length;
    const file = await storage.read(parseRemotePath('file'));
    expect(fs.readdirSync('/proc/self/fd')).toHaveLength(handles);
    fs.writeFileSync(path.join(root, 'file'), 'after that');
    const target = Buffer.alloc(10);
    expect(await file.read(target, 3)).toBe(3);
    expect(target.toString('latin1', 0, 3)).toBe('ore');
    expect(await file.currentEtag()).toBe(file.entry.etag);
    expect(file.entry.etag).not.toBe((await storage.stat(parseRemotePath('file'))).etag);
    await file.close();
  });

  it('is never one behind a link', async () => {
    fs.writeFileSync(path.join(root, 'file'), 'content');
    fs.symlinkSync('file', path.join(root, 'link'));
    await expect(contentOf('link')).rejects.toMatchObject({ code: 'ELOOP', path: 'link' });
  });

  it('leaves no handle behind where it is none', async () => {
    fs.mkdirSync(path.join(root, 'directory'));
    const handles = fs.readdirSync('/proc/self/fd').length;
    await expect(contentOf('directory')).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(contentOf('missing')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(fs.readdirSync('/proc/self/fd')).toHaveLength(handles);
  });

  it('is not read so where all calls are left to threads', async () => {
    fs.writeFileSync(path.join(root, 'file'), 'content');
    storage = new DirectoryStorage(root, { fileCalls: 'threads' });
    expect(await contentOf('file')).toBeUndefined();
  });
});
