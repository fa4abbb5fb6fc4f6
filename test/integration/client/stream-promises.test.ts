/** A failed stream: its error reaches the program by a promise that it has taken, or by the event `error`. */
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import type { DownloadStream, FileClient, UploadStream } from '../../../src/index.js';
import { clientOf, uncaughtDuring } from '../../support/servers/unfriendly.js';
import { serveFiles } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

type TransferStream = DownloadStream | UploadStream;

const streams: Record<string, { code: string; open: (client: FileClient) => TransferStream }> = {
  'a download of a missing file': { code: 'ENOENT', open: (client) => client.download('missing') },
  'a download of the root': { code: 'EINVAL', open: (client) => client.download('/') },
  'a download whose signal is aborted': {
    code: 'ECANCELED',
    open: (client) => client.download('a', { signal: AbortSignal.abort() }),
  },
  'an upload into a missing directory': {
    code: 'ENOENT',
    open: (client) => client.upload('missing/a').end('a'),
  },
  'an upload of another size': {
    code: 'EBADMSG',
    open: (client) => client.upload('b', { size: 7 }).end('a'),
  },
  'an append to a missing file': { code: 'ENOENT', open: (client) => client.append('missing').end('a') },
};

describe.each(Object.entries(streams))('%s', (_name, { code, open }) => {
  async function caughtOf(use: (stream: TransferStream) => Promise<unknown>): Promise<unknown[]> {
    const { connect } = await serveFiles({ a: 'a' });
    const client = connect();
    await client.connect();
    return uncaughtDuring(async () => {
      const stream = open(client);
      await use(stream).catch(() => undefined);
      await until(() => stream.destroyed);
    });
  }

  it('causes an uncaught error if nothing is taken', async () => {
    expect(await caughtOf(() => Promise.resolve())).toEqual([expect.objectContaining({ code })]);
  });

  it('causes no uncaught error and no unhandled rejection if its promise is awaited', async () => {
    const caught = await caughtOf(async (stream) => {
      await expect(stream.completed).rejects.toMatchObject({ code });
    });
    expect(caught).toEqual([]);
  });

  it('causes no uncaught error if its promise is taken and handled later', async () => {
    let later: Promise<unknown> | undefined;
    const caught = await caughtOf((stream) => {
      later = stream.completed;
      return Promise.resolve();
    });
    expect(caught).toEqual([]);
    await expect(later).rejects.toMatchObject({ code });
  });

  it('causes no uncaught error if a listener takes it, and its promise rejects afterwards, too', async () => {
    let rejected: Promise<unknown> | undefined;
    const caught = await caughtOf(async (stream) => {
      expect(await once(stream, 'error').catch((error: unknown) => error)).toBeDefined();
      rejected = stream.completed;
    });
    expect(caught).toEqual([]);
    await expect(rejected).rejects.toMatchObject({ code });
  });

  it('causes no uncaught error in pipeline', async () => {
    const caught = await caughtOf(async (stream) => {
      const piped =
        stream instanceof Readable
          ? pipeline(stream, new Writable({ write: (_chunk, _encoding, done) => done() }))
          : pipeline(new Readable({ read: () => undefined }), stream);
      await expect(piped).rejects.toBeInstanceOf(Error);
    });
    expect(caught).toEqual([]);
  });
});

describe('a download', () => {
  it('that fails before its entry needs no listener if only the entry is awaited', async () => {
    const { connect } = await serveFiles();
    const caught = await uncaughtDuring(async () => {
      await expect(connect().download('missing').entry).rejects.toMatchObject({ code: 'ENOENT' });
    });
    expect(caught).toEqual([]);
  });

  it('that fails after its entry still emits its error, unless completed is taken', async () => {
    const answer = 'accept id=1 path=a kind=file offset=0 size=5 mtime=1\nerror id=1 code=EIO message=x\n';
    const fail = async (take: (download: DownloadStream) => unknown): Promise<unknown[]> => {
      const client = await clientOf(answer);
      return uncaughtDuring(async () => {
        const download = client.download('a').resume();
        take(download);
        await expect(download.entry).resolves.toMatchObject({ size: 5 });
        await until(() => download.destroyed);
      });
    };
    expect(await fail(() => undefined)).toEqual([expect.objectContaining({ code: 'EIO' })]);
    expect(await fail((download) => download.completed)).toEqual([]);
  });

  it('causes no uncaught error in a loop of for await, nor in one that is left', async () => {
    const { connect } = await serveFiles({ a: 'a' });
    const client = connect();
    const caught = await uncaughtDuring(async () => {
      const read = async (name: string): Promise<void> => {
        for await (const piece of client.download(name)) if (piece) break;
      };
      await expect(read('missing')).rejects.toMatchObject({ code: 'ENOENT' });
      await read('a');
    });
    expect(caught).toEqual([]);
  });

  it('that is disposed of early causes no uncaught error and no unhandled rejection', async () => {
    const { connect } = await serveFiles({ a: 'a' });
    const caught = await uncaughtDuring(async () => {
      const download = connect().download('a');
      const { entry, completed } = download;
      await download[Symbol.asyncDispose]();
      await expect(entry).rejects.toBeInstanceOf(Error);
      await expect(completed).rejects.toBeInstanceOf(Error);
    });
    expect(caught).toEqual([]);
  });
});
