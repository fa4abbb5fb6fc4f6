/** `onProgress` of every transfer method. */
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import {
  MemoryStorage,
  type DownloadOptions,
  type FileClient,
  type Progress,
  type ProgressListener,
  type UploadOptions,
} from '../../../src/index.js';
import { Cuts } from '../../support/servers/cuts.js';
import { serve, serveFiles } from '../../support/servers/serve.js';

const SIZE = 3_000_000;
const bytes = Buffer.alloc(SIZE, 'bytes');

/** A listener, and what it was called with. */
function recorder(): { told: Progress[]; onProgress: ProgressListener } {
  const told: Progress[] = [];
  return { told, onProgress: (progress) => void told.push(progress) };
}

function expectSteps(told: readonly Progress[], last: number, total: number | undefined): void {
  expect(told[0]).toEqual({ bytes: 0, total });
  expect(told.at(-1)).toEqual({ bytes: last, total });
  expect(told.length).toBeGreaterThan(2);
  const steps = told.map((progress) => progress.bytes);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(new Set(told.map((progress) => progress.total))).toEqual(new Set([total]));
}

const discard = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

const downloads: Record<string, (client: FileClient, options: DownloadOptions) => Promise<unknown>> = {
  readFile: (client, options) => client.readFile('big', options),
  download: (client, options) => pipeline(client.download('big', options), discard()),
};

describe.each(Object.entries(downloads))('%s', (_name, call) => {
  it('reports its progress from 0 to the size of the file', async () => {
    const { connect } = await serveFiles({ big: bytes });
    const { told, onProgress } = recorder();
    await call(connect(), { onProgress });
    expectSteps(told, SIZE, SIZE);
  });

  it('reports the size of the range as the total', async () => {
    const { connect } = await serveFiles({ big: bytes });
    const { told, onProgress } = recorder();
    await call(connect(), { offset: 500_000, length: 2_000_000, onProgress });
    expectSteps(told, 2_000_000, 2_000_000);
    told.length = 0;
    await call(connect(), { offset: 500_000, onProgress });
    expectSteps(told, SIZE - 500_000, SIZE - 500_000);
  });

  it('reports one progress, from the first byte to the last, across a lost connection', async () => {
    const { connect, port } = await serveFiles({ big: bytes });
    const cuts = new Cuts(port);
    const { told, onProgress } = recorder();
    // At most a window arrives before a cut is seen.
    const limits = { windowBytes: 262_144 };
    const options = { port: undefined, limits, connect: cuts.each(1_000_000, 'bytesRead', 2) };
    const client = connect(options);
    await client.connect();
    await call(client, { onProgress });
    expect(cuts.sockets).toHaveLength(3);
    expectSteps(told, SIZE, SIZE);
  });

  it.each([0, 1])('rejects with what the listener throws after %i bytes', async (least) => {
    const { connect, server } = await serveFiles({ big: bytes });
    const client = connect();
    const mistake = new RangeError('a mistake of the caller');
    const onProgress: ProgressListener = (progress) => {
      if (progress.bytes >= least) throw mistake;
    };
    await expect(call(client, { onProgress })).rejects.toBe(mistake);
    expect(await client.exists('big')).toBe(true);
    expect(server.stats().connections).toBe(1);
  });

  it('rejects if the listener throws undefined', async () => {
    const { connect } = await serveFiles({ big: bytes });
    const onProgress: ProgressListener = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- a program can
      throw undefined;
    };
    await expect(call(connect(), { onProgress })).rejects.toMatchObject({ code: 'EIO' });
  });
});

const pieces = function* (): Generator<Buffer> {
  for (let at = 0; at < SIZE; at += 250_000) yield bytes.subarray(at, at + 250_000);
};

const uploads: Record<string, (client: FileClient, options: UploadOptions) => Promise<unknown>> = {
  upload: (client, options) => pipeline(Readable.from(pieces()), client.upload('big', options)),
  'writeFile of pieces': (client, options) => client.writeFile('big', pieces(), options),
};

describe.each(Object.entries(uploads))('%s', (_name, call) => {
  it('reports its progress from 0 to the last byte, without a total', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const { told, onProgress } = recorder();
    await call(connect(), { onProgress });
    expectSteps(told, SIZE, undefined);
  });

  it('reports the announced size as the total', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const { told, onProgress } = recorder();
    await call(connect(), { size: SIZE, onProgress });
    expectSteps(told, SIZE, SIZE);
  });

  it('reports one progress, from the first byte to the last, across a lost connection', async () => {
    const { connect, port } = await serve({ storage: new MemoryStorage() });
    const cuts = new Cuts(port);
    const { told, onProgress } = recorder();
    const client = connect({ port: undefined, connect: cuts.each(1_000_000, 'bytesWritten', 2) });
    await client.connect();
    await call(client, { onProgress });
    expect(cuts.sockets).toHaveLength(3);
    expectSteps(told, SIZE, undefined);
    expect((await client.readFile('big')).equals(bytes)).toBe(true);
  });

  it.each([0, 1, SIZE])(
    'rejects with what the listener throws at byte %i, and stores nothing',
    async (least) => {
      const { connect, server } = await serve({ storage: new MemoryStorage() });
      const client = connect();
      const mistake = new RangeError('a mistake of the caller');
      const onProgress: ProgressListener = (progress) => {
        if (progress.bytes >= least) throw mistake;
      };
      await expect(call(client, { onProgress })).rejects.toBe(mistake);
      expect(await client.exists('big')).toBe(false);
      expect(server.stats().connections).toBe(1);
    },
  );

  it('reports 0 bytes for an empty file', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const { told, onProgress } = recorder();
    const client = connect();
    await pipeline(Readable.from([]), client.upload('empty', { onProgress }));
    expect(told).toEqual([{ bytes: 0, total: undefined }]);
    expect((await client.stat('empty')).size).toBe(0);
  });
});

describe('writeFile of bytes in memory', () => {
  it('reports its progress from 0 to the last byte', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const { told, onProgress } = recorder();
    await connect().writeFile('big', bytes, { onProgress });
    expect(told).toEqual([
      { bytes: 0, total: SIZE },
      { bytes: SIZE, total: SIZE },
    ]);
  });

  it.each([0, SIZE])('rejects with what the listener throws at byte %i, and stores nothing', async (at) => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const mistake = new RangeError('a mistake of the caller');
    const onProgress: ProgressListener = (progress) => {
      if (progress.bytes === at) throw mistake;
    };
    await expect(client.writeFile('big', bytes, { onProgress })).rejects.toBe(mistake);
    expect(await client.exists('big')).toBe(false);
  });
});

describe('a listener that is no function', () => {
  it('is a TypeError', async () => {
    const { connect } = await serveFiles({ a: 'a' });
    const client = connect();
    const options = { onProgress: 5 } as unknown as UploadOptions &
      DownloadOptions & { encoding?: undefined };
    expect(() => client.download('a', options)).toThrow(/onProgress must be a function, not number/);
    expect(() => client.upload('a', options)).toThrow(/onProgress must be a function/);
    for (const call of [client.readFile('a', options), client.writeFile('a', 'b', options)]) {
      await expect(call).rejects.toThrow(/onProgress must be a function/);
    }
  });
});
