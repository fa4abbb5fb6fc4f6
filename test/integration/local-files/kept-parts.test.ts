/** The part of a download is removed only after an answer of the server about its file, never because of a failure. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { FileServer, TransferError, type FileClientOptions } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import {
  cancelledDownload,
  fileHandlePrototype,
  finishedDownload,
  NOTE,
  PART,
  place,
  SIZE,
  systemError,
  type Place,
} from '../../support/local-files/local-place.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { telling } from '../../support/servers/telling.js';

/** Codes that mean something else as an answer about a file. */
const FILE_CODES = ['ENOENT', 'EISDIR', 'ENOTDIR', 'ESTALE', 'EBADMSG', 'ERANGE', 'EEXIST'];

async function expectKept(at: Place, options: FileClientOptions & { code?: string }): Promise<void> {
  const { code, ...rest } = options;
  const before = await fs.readFile(at.local(PART));
  const download = at.connect({ reconnect: false, ...rest }).downloadFile('big', at.local('big'));
  await expect(download).rejects.toMatchObject(code === undefined ? {} : { code });
  expect(await at.names()).toEqual([NOTE, PART]);
  expect((await fs.readFile(at.local(PART))).equals(before)).toBe(true);
}

async function expectResumed(at: Place): Promise<void> {
  expect((await finishedDownload(at)).resumedFrom).toBeGreaterThanOrEqual(1_000_000);
}

describe('downloadFile keeps the part of an earlier call', () => {
  it.skipIf(process.platform === 'win32')('when the socket of the server is missing', async () => {
    const at = await place();
    await cancelledDownload(at);
    const socketPath = path.join(await temporaryDirectory(), 'missing');
    await expectKept(at, { port: undefined, socketPath });
    await expectResumed(at);
  });

  it.each(FILE_CODES)('when connecting fails with %s', async (code) => {
    const at = await place();
    await cancelledDownload(at);
    const connect = (): Promise<never> => Promise.reject(systemError(code));
    await expectKept(at, { port: undefined, connect });
    await expectResumed(at);
  });

  it.each(FILE_CODES)('when the server refuses the login with %s', async (code) => {
    const at = await place();
    await cancelledDownload(at);
    const authenticate = (): never => {
      throw new TransferError(code, 'not now');
    };
    const server = await new FileServer({ root: at.remote('.'), authenticate }).listen(0);
    await expectKept(at, { port: server.port });
    await server.close({ graceMs: 0 });
    await expectResumed(at);
  });

  it.each(FILE_CODES)('when the connection ends with an error frame of the code %s', async (code) => {
    const at = await place();
    await cancelledDownload(at);
    const { port } = await telling(() => undefined, `error code=${code} message=gone retryable=false\n`);
    await expectKept(at, { port, codec: 'text' });
    await expectResumed(at);
  });

  it('when it is cancelled or exceeds its time limit', async () => {
    const at = await place();
    await cancelledDownload(at);
    const { port } = await telling(() => undefined, '');
    const download = at.connect({ port }).downloadFile('big', at.local('big'), { timeoutMs: 50 });
    await expect(download).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    const signal = AbortSignal.timeout(50);
    await expect(at.connect({ port }).downloadFile('big', at.local('big'), { signal })).rejects.toThrow();
    expect(await at.names()).toEqual([NOTE, PART]);
    await expectResumed(at);
  });

  it('when it was begun after the server refused an older one, and is cancelled', async () => {
    const at = await place();
    await cancelledDownload(at);
    const newer = bytesOf(SIZE, 2);
    await fs.writeFile(at.remote('big'), newer);
    await cancelledDownload(at);
    expect(await at.names()).toEqual([NOTE, PART]);
    expect((await finishedDownload(at, newer)).resumedFrom).toBeGreaterThanOrEqual(1_000_000);
  });

  it('when its note cannot be opened because too many files are open', async () => {
    const at = await place();
    await cancelledDownload(at);
    const open = fs.open.bind(fs);
    let failures = 0;
    vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
      if (args[0] === at.local(NOTE) && failures++ === 0) throw systemError('EMFILE');
      return open(...args);
    });
    await expectResumed(at);
    expect(failures).toBeGreaterThanOrEqual(1);
  });

  it.each(['ENOSPC', ...FILE_CODES])('when a local write fails with %s', async (code) => {
    const at = await place();
    await cancelledDownload(at);
    vi.spyOn(await fileHandlePrototype(), 'truncate').mockRejectedValue(systemError(code));
    await expect(at.connect().downloadFile('big', at.local('big'))).rejects.toThrow();
    vi.restoreAllMocks();
    // An existing target is no failure of the disk: with it, no later call could use the part.
    if (code === 'EEXIST') expect(await at.names()).toEqual([]);
    else await expectResumed(at);
  });
});
