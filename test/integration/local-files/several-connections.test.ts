/** Downloads of a large file over several connections. */
import fs from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { CodecName, DownloadFileOptions, FileClientOptions, Progress } from '../../../src/index.js';
import { syncWriter } from '../../../src/client/local/partial-download/partial-download.js';
import { bytesOf } from '../../support/bytes.js';
import {
  bytes as smallBytes,
  fileHandlePrototype,
  MTIME,
  NOTE,
  PART,
  place,
  systemError,
  type Place,
} from '../../support/local-files/local-place.js';
import { runJob } from '../../support/local-files/transfer-job.js';
import { cuttingProxy } from '../../support/servers/cutting-proxy.js';
import { connectionTo, serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const MIB = 1024 * 1024;

/** Seventeen segments: more than four connections download at once, which is eight. */
const SIZE = 16 * MIB + 12_345;
const bytes = bytesOf(SIZE);
const CHECKSUM = `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;

/** Enough for six connections that are cut after 5 MiB. */
const LARGE_SIZE = 64 * MIB + 12_345;

/** What is sent twice, at most, if a connection is lost: its segments, and what is in its socket. */
const SEGMENTS_OF_CONNECTION = 4 * MIB;

/** The segments that four connections download at once, two each. */
const UNDER_WAY = 8 * MIB;

/** Where a download is cancelled. */
const CANCELLED_AT = 12 * MIB;

const segmentedPlace = (file: Uint8Array = bytes): Promise<Place> => place({ big: file });

async function download(at: Place, options: DownloadFileOptions = {}, client: FileClientOptions = {}) {
  const files = at.connect(client);
  const downloaded = await files.downloadFile('big', at.local('big'), { connections: 4, ...options });
  expect((await fs.readFile(at.local('big'))).equals(await fs.readFile(at.remote('big')))).toBe(true);
  expect(await at.names()).toEqual(['big']);
  return { ...downloaded, stats: files.stats() };
}

/** Cancels a download in the middle. */
async function cancelledDownload(at: Place): Promise<void> {
  const controller = new AbortController();
  const onProgress = ({ bytes: now }: Progress): void => {
    if (now >= CANCELLED_AT) controller.abort();
  };
  const options = { connections: 4, signal: controller.signal, onProgress };
  const cancelled = at.connect().downloadFile('big', at.local('big'), options);
  await expect(cancelled).rejects.toMatchObject({ code: 'ECANCELED', operation: 'download', path: 'big' });
  expect(await at.names()).toEqual([NOTE, PART]);
}

/** Keeps all connections waiting until the server has so many. */
function untilConnected(at: Place, count: number): Promise<void> {
  return until(() => at.server.stats().connections === count);
}

describe('downloadFile over four connections', () => {
  it.each<CodecName>(['text', 'json', 'xml', 'binary'])(
    'receives the file once, with the time and checksum of the whole, in the codec %s',
    async (codec) => {
      const at = await segmentedPlace();
      const downloaded = await download(at, { preserveMode: true }, { codec });
      const { etag, mode } = await at.connect().stat('big');
      expect(downloaded).toMatchObject({ size: SIZE, mtime: MTIME, etag, mode, checksum: CHECKSUM });
      expect(downloaded).toMatchObject({ path: 'big', localPath: at.local('big'), resumedFrom: 0 });
      expect((await fs.stat(at.local('big'))).mtime).toEqual(MTIME);
      expect(downloaded.stats.totalConnections).toBe(4);
      expect(at.sent()).toBeLessThan(SIZE * 1.01);
    },
  );

  it('closes the further connections, and keeps that of the client', async () => {
    const at = await segmentedPlace();
    const client = at.connect();
    await client.downloadFile('big', at.local('big'), { connections: 4 });
    expect(at.server.stats().totalConnections).toBe(4);
    await untilConnected(at, 1);
    expect(client.state).toEqual({ status: 'connected' });
  });

  it('reports its progress without a step back, up to the size', async () => {
    const at = await segmentedPlace();
    const reported: Progress[] = [];
    await download(at, { onProgress: (progress) => void reported.push(progress) });
    const counts = reported.map((progress) => progress.bytes);
    expect(counts).toEqual([...counts].sort((one, other) => one - other));
    expect(reported[0]).toEqual({ bytes: 0, total: SIZE });
    expect(reported.at(-1)).toEqual({ bytes: SIZE, total: SIZE });
  });

  it('verifies each segment with SHA-256, too, and the size alone without a checksum', async () => {
    const at = await segmentedPlace();
    expect((await download(at, {}, { checksum: 'sha256' })).checksum).toMatch(/^sha256:/);
    expect((await download(at, {}, { checksum: 'none' })).checksum).toBeUndefined();
  });

  it('needs no permission but that to read', async () => {
    const at = await segmentedPlace();
    const readOnly = await serve({ root: at.remote('.'), permissions: ['read'] });
    expect((await download({ ...at, ...readOnly })).stats.totalConnections).toBe(4);
  });

  it.each([1, 2, 3])('uses the %i connections that the server accepts', async (maxConnections) => {
    const at = await segmentedPlace();
    const narrow = await serve({ root: at.remote('.'), limits: { maxConnections } });
    const { stats } = await download({ ...at, ...narrow });
    expect(stats.totalConnections).toBe(maxConnections);
    expect(stats.failedConnections).toBeGreaterThanOrEqual(4 - maxConnections);
  });

  it('uses one connection for a smaller file', async () => {
    const at = await place();
    const client = at.connect();
    await client.downloadFile('big', at.local('big'), { connections: 4 });
    expect((await fs.readFile(at.local('big'))).equals(smallBytes)).toBe(true);
    expect(client.stats().totalConnections).toBe(1);
  });

  it('makes no connection where the program makes it', async () => {
    const at = await segmentedPlace();
    const client = at.connect();
    const wire = connectionTo(at.server);
    wire.pipe(client.endpoint()).pipe(wire);
    await client.downloadFile('big', at.local('big'), { connections: 4 });
    expect((await fs.readFile(at.local('big'))).equals(bytes)).toBe(true);
    expect(client.stats().totalConnections).toBe(1);
  });

  it.each([1, 2, 6])(
    'continues after %i cuts of its connections, and repeats only their segments',
    async (times) => {
      const at = await segmentedPlace(bytesOf(LARGE_SIZE));
      const proxy = await cuttingProxy(at.port, { bytes: 5 * MIB, way: 'toClient', times });
      await download(at, {}, { port: proxy.port });
      expect(proxy.cuts()).toBe(times);
      expect(at.sent()).toBeLessThan(LARGE_SIZE * 1.01 + times * SEGMENTS_OF_CONNECTION);
    },
  );

  it('of a file that changes meanwhile is ESTALE, and leaves nothing', async () => {
    const at = await segmentedPlace();
    let changed: Promise<void> | undefined;
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > 10 * MIB) changed ??= fs.appendFile(at.remote('big'), 'more');
    };
    const stale = at.connect().downloadFile('big', at.local('big'), { connections: 4, onProgress });
    await expect(stale).rejects.toMatchObject({ code: 'ESTALE' });
    await changed;
    expect(await at.names()).toEqual([]);
    await untilConnected(at, 1);
  });

  it('fails with what onProgress throws, and a later call resumes it', async () => {
    const at = await segmentedPlace();
    const thrown = new Error('enough');
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > CANCELLED_AT) throw thrown;
    };
    const failed = at.connect().downloadFile('big', at.local('big'), { connections: 4, onProgress });
    await expect(failed).rejects.toBe(thrown);
    expect((await download(at)).resumedFrom).toBeGreaterThanOrEqual(CANCELLED_AT - UNDER_WAY);
  });

  it('fails with ENOSPC on whatever connection the bytes have come, and a later call resumes it', async () => {
    const at = await segmentedPlace();
    vi.spyOn(syncWriter, 'isLocal').mockResolvedValue(false);
    const handles = await fileHandlePrototype();
    const { writev } = handles;
    let written = 0;
    const full = vi.spyOn(handles, 'writev').mockImplementation(function (this: fs.FileHandle, ...given) {
      written += given[0].reduce((sum, { byteLength }) => sum + byteLength, 0);
      return written > CANCELLED_AT ? Promise.reject(systemError('ENOSPC')) : writev.apply(this, given);
    });
    const failed = at.connect().downloadFile('big', at.local('big'), { connections: 4 });
    await expect(failed).rejects.toMatchObject({ code: 'ENOSPC' });
    full.mockRestore();
    expect((await download(at)).resumedFrom).toBeGreaterThan(0);
  });

  it('is EBUSY for a second call, which disturbs nothing', async () => {
    const at = await segmentedPlace();
    let second: Promise<unknown> | undefined;
    const client = at.connect();
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > MIB)
        second ??= expect(
          client.downloadFile('big', at.local('big'), { connections: 4 }),
        ).rejects.toMatchObject({ code: 'EBUSY' });
    };
    await download(at, { onProgress });
    await second;
  });
});

describe('a later call', () => {
  it.each([4, 1])(
    'receives only the missing segments after a cancellation, over %i connections',
    async (connections) => {
      const at = await segmentedPlace();
      await cancelledDownload(at);
      const before = at.sent();
      const { resumedFrom, checksum } = await download(at, { connections });
      expect(resumedFrom % MIB).toBe(0);
      expect(resumedFrom).toBeGreaterThanOrEqual(CANCELLED_AT - UNDER_WAY);
      expect(at.sent() - before).toBeLessThan((SIZE - resumedFrom) * 1.01);
      expect(checksum).toBe(CHECKSUM);
    },
  );

  it('receives only the missing segments after a kill -9 of its process', async () => {
    const at = await segmentedPlace(bytesOf(LARGE_SIZE));
    const job = { kind: 'download', port: at.port, path: 'big', localPath: at.local('big') } as const;
    await runJob({ ...job, connections: 4, signal: { name: 'SIGKILL', atBytes: 32 * MIB } });
    expect(await at.names()).toEqual([NOTE, PART]);
    await untilConnected(at, 0);
    const before = at.sent();
    const { resumedFrom } = await download(at);
    expect(resumedFrom).toBeGreaterThanOrEqual(24 * MIB);
    expect(at.sent() - before).toBeLessThan((LARGE_SIZE - resumedFrom) * 1.01);
  });

  it('receives a segment again that is damaged on the disk', async () => {
    const at = await segmentedPlace();
    await cancelledDownload(at);
    const lines = (await fs.readFile(at.local(NOTE), 'utf8')).split('\n').slice(1);
    const [index] = JSON.parse(lines[0] ?? '') as [number];
    const part = await fs.open(at.local(PART), 'r+');
    await part.write(Buffer.from('damage'), 0, 6, index * MIB + 1_000);
    await part.close();
    expect((await download(at)).resumedFrom).toBe((lines.length - 1) * MIB);
  });

  it.each(['\n[1,"crc32:', '\n[1,2]', '\n[9999,"crc32:00000000"]', '\n[0,"crc32:00000000"]', '\n\0'])(
    'ignores a line %j of the metadata that is not of a complete segment',
    async (line) => {
      const at = await segmentedPlace();
      await cancelledDownload(at);
      await fs.appendFile(at.local(NOTE), line);
      expect((await download(at)).resumedFrom).toBeGreaterThanOrEqual(CANCELLED_AT - UNDER_WAY);
    },
  );

  it('starts over if the remote file has changed', async () => {
    const at = await segmentedPlace();
    await cancelledDownload(at);
    await fs.utimes(at.remote('big'), new Date(), new Date());
    expect((await download(at)).resumedFrom).toBe(0);
  });

  it('over several connections continues over one what has begun over one', async () => {
    const at = await segmentedPlace();
    const controller = new AbortController();
    const onProgress = ({ bytes: now }: Progress): void => {
      if (now > 5 * MIB) controller.abort();
    };
    const options = { signal: controller.signal, onProgress };
    const cancelled = at.connect().downloadFile('big', at.local('big'), options);
    await expect(cancelled).rejects.toMatchObject({ code: 'ECANCELED' });
    const { resumedFrom, stats } = await download(at);
    expect(resumedFrom).toBeGreaterThanOrEqual(5 * MIB);
    expect(stats.totalConnections).toBe(1);
  });
});

describe('the option connections', () => {
  it.each([0, 17, 1.5, '4'])('rejects %j', async (connections) => {
    const at = await place();
    const options = { connections } as DownloadFileOptions;
    await expect(at.connect().downloadFile('big', at.local('big'), options)).rejects.toThrow(TypeError);
    expect(await at.names()).toEqual([]);
  });

  it('does not exist for an upload', async () => {
    const at = await place();
    const options = { connections: 4 } as object;
    await expect(at.connect().uploadFile(at.remote('big'), 'copy', options)).rejects.toThrow(TypeError);
  });
});
