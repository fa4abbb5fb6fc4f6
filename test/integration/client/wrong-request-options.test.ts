/** A mistake of the caller affects the caller, not the connection. */
import { PassThrough, Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, MemoryStorage, type FileClientOptions, type UploadOptions } from '../../../src/index.js';
import { TransferError } from '../../../src/errors.js';
import { serve } from '../../support/servers/serve.js';

describe('blast radius: a wrong option of one request', () => {
  async function served(
    options: FileClientOptions = {},
  ): Promise<{ client: FileClient; lost: () => boolean }> {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect(options);
    await client.writeFile('a', 'A');
    let lost = false;
    client.on('disconnect', () => (lost = true));
    return { client, lost: () => lost };
  }

  it('an ifMatch with a line end fails only that request', async () => {
    const { client, lost } = await served();
    await client.readFile('a', { ifMatch: 'x\ny' }).catch(() => undefined);
    expect(await client.exists('a')).toBe(true);
    expect(lost()).toBe(false);
  });

  it('an invalid modification time fails only that request', async () => {
    const { client, lost } = await served({ codec: 'text' });
    try {
      await client.writeFile('b', 'B', { mtime: new Date('no date') }).catch(() => undefined);
    } catch {
      // A TypeError at once is fine.
    }
    await client.exists('a').catch(() => undefined);
    expect(lost()).toBe(false);
  });

  it('an invalid modification time is not stored as another time', async () => {
    const { client } = await served();
    for (const mtime of [new Date('no date'), new Date(8_640_000_000_000_001), 5 as unknown as Date]) {
      await expect(client.writeFile('b', 'B', { mtime })).rejects.toThrow(/mtime must be a valid Date/);
    }
  });

  it('an option that readFile or writeFile lacks is reported with those that they have', async () => {
    const { client } = await served();
    const unknown = { encodng: 'utf8', sise: 1 } as object as UploadOptions & { encoding?: undefined };
    const told = { name: 'TypeError' };
    await expect(client.readFile('a', unknown)).rejects.toMatchObject({
      ...told,
      message: expect.stringMatching(/^readFile has no option encodng\. It has encoding, offset,/) as string,
    });
    await expect(client.writeFile('a', 'A', unknown)).rejects.toMatchObject({
      ...told,
      message: expect.stringMatching(/^writeFile has no option encodng\. It has size, mtime,/) as string,
    });
  });

  it('the longest allowed paths can be sent in every codec', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const long = (character: string): string =>
      Array.from({ length: 16 }, () => character.repeat(253) + 'x').join('/');
    const codes: Record<string, unknown> = {};
    for (const codec of ['text', 'json', 'xml', 'binary'] as const) {
      for (const character of ['&', ' ', '%', 'a']) {
        const client = connect({ codec });
        const error: unknown = await client
          .rename(long(character), `${long(character)}y`)
          .catch((e: unknown) => e);
        codes[`${codec} ${character}`] = error instanceof TransferError ? error.code : error;
      }
    }
    expect(new Set(Object.values(codes)), JSON.stringify(codes)).toEqual(new Set(['ENOENT']));
  });

  it('a path that is not a string is a TypeError', async () => {
    const { client } = await served();
    expect(() => client.download(undefined as unknown as string)).toThrow(/path must be a string/);
  });
});

describe('requests that are aborted before they start', () => {
  it('open no connection', async () => {
    let connections = 0;
    const client = new FileClient({
      connect: () => {
        connections += 1;
        return new Promise<Duplex>(() => undefined);
      },
    });
    onTestFinished(() => client.destroy());
    const signal = AbortSignal.abort();
    await expect(client.stat('a', { signal })).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(client.readFile('a', { signal })).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(client.list('/', { signal }).next()).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(connections).toBe(0);
  });

  it('fail their pipeline with the code, whichever end of the pipeline cannot start', async () => {
    const client = new FileClient({ connect: () => Promise.reject(new Error('must not connect')) });
    const upload = pipeline(Readable.from(['x']), client.upload('a\\b'));
    await expect(upload).rejects.toMatchObject({ code: 'EILSEQ', operation: 'upload' });
    const download = pipeline(client.download('a\\b'), new PassThrough());
    await expect(download).rejects.toMatchObject({ code: 'EILSEQ', operation: 'download' });
  });

  it('fail writeFile with the code, for text and for iterables', async () => {
    const { connect } = await serve({ storage: new MemoryStorage() });
    const client = connect();
    const signal = AbortSignal.abort();
    await expect(client.writeFile('a', 'x', { signal })).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(client.writeFile('a', ['x'], { signal })).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(client.writeFile('a:b', ['x'])).rejects.toMatchObject({ code: 'EILSEQ' });
  });
});

describe('the errors of systems', () => {
  it('are retryable when a name lookup fails temporarily', () => {
    const error = Object.assign(new Error('getaddrinfo EAI_AGAIN host'), { code: 'EAI_AGAIN' });
    expect(TransferError.from(error)).toMatchObject({ code: 'EAI_AGAIN', retryable: true });
  });

  it('are retryable when the network is down', () => {
    for (const code of ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN']) {
      const error = Object.assign(new Error(code), { code });
      expect(TransferError.from(error)).toMatchObject({ retryable: true });
    }
  });

  it('have a code of the table when file systems use another name', () => {
    const codes = { ENXIO: 'EACCES', EFTYPE: 'ELOOP', ETXTBSY: 'EBUSY', EOPNOTSUPP: 'ENOTSUP' };
    for (const [code, known] of Object.entries(codes)) {
      expect(TransferError.from(Object.assign(new Error(code), { code })).code).toBe(known);
    }
  });
});
