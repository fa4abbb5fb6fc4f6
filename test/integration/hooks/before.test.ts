/** The hook `before`, which may refuse a request, over a real socket in every codec. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { TransferError, type HookRequest, type RequestSummary } from '../../../src/index.js';
import { codecNames } from '../../support/frames/frame-wire.js';
import { serve, storageOf } from '../../support/servers/serve.js';

const never = (): Promise<void> => new Promise(() => undefined);

describe.each(codecNames)('before (%s)', (codec) => {
  it('learns of a request what the server knows, and lets it through', async () => {
    const seen: HookRequest[] = [];
    const { connect } = await serve({
      storage: await storageOf({}),
      authenticate: () => ({ name: 'ann' }),
      before: (request) => void seen.push(request),
    });
    const client = connect({ codec });
    await client.writeFile('a', 'text');
    await client.rename('a', 'b');
    expect(seen).toMatchObject([
      { operation: 'upload', path: 'a', size: 4, target: undefined, identity: { name: 'ann' } },
      { operation: 'rename', path: 'a', size: undefined, target: 'b', connection: { user: 'ann', codec } },
    ]);
    expect(seen[0]?.connection.remoteAddress).toBe('127.0.0.1');
    expect(seen[0]?.signal.aborted).toBe(false);
  });

  it.each<[string, () => unknown, object]>([
    ['a TransferError', () => new TransferError('EBUSY', 'Not now.'), { code: 'EBUSY', reason: 'Not now.' }],
    ['a code of its own', () => new TransferError('EWEEKEND', 'Closed.'), { code: 'EWEEKEND' }],
    ['a code of the table', () => Object.assign(new Error('secret'), { code: 'EACCES' }), { code: 'EACCES' }],
    ['another error', () => new Error('secret'), { code: 'EIO', retryable: false }],
    ['no error', () => 'secret', { code: 'EIO', retryable: false }],
  ])('refuses a request by throwing %s', async (_what, thrown, expected) => {
    const cause = thrown();
    const { connect, server } = await serve({
      storage: await storageOf({ file: 'old' }),
      before: ({ operation }) => {
        if (operation === 'upload') throw cause;
      },
    });
    const client = connect({ codec });
    const ended = once(server, 'requestEnd') as Promise<[RequestSummary]>;
    const error = (await client.writeFile('file', 'new').catch((caught: unknown) => caught)) as TransferError;
    expect(error).toMatchObject({ ...expected, outcomeUnknown: false });
    expect(error.message).not.toContain('secret');
    expect(await client.readFile('file', 'utf8')).toBe('old');
    const [{ error: reported }] = await ended;
    expect(reported?.cause).toBe(cause);
  });
});

describe('before', () => {
  it('refuses a request also by throwing an object that throws when it is looked at', async () => {
    const thrown: unknown = {
      get code() {
        throw new Error('secret');
      },
    };
    const { connect } = await serve({
      storage: await storageOf({ file: 'old' }),
      before: () => {
        throw thrown;
      },
    });
    await expect(connect().readFile('file')).rejects.toMatchObject({ code: 'EIO' });
  });

  it('is not asked for what is not permitted', async () => {
    const seen: string[] = [];
    const { connect } = await serve({
      storage: await storageOf({ file: 'x' }),
      permissions: ['read'],
      before: ({ operation }) => void seen.push(operation),
    });
    const client = connect();
    await expect(client.remove('file')).rejects.toMatchObject({ code: 'EACCES' });
    await client.readFile('file');
    expect(seen).toEqual(['download']);
  });

  it('frees the place of a request that it refuses', async () => {
    const { connect, server } = await serve({
      storage: await storageOf({ file: 'x' }),
      strategy: 'blocking',
      before: ({ path }) => {
        if (path === 'other') throw new TransferError('EACCES');
      },
    });
    const client = connect();
    const refused = await Promise.allSettled(Array.from({ length: 20 }, () => client.stat('other')));
    expect(refused.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await client.readFile('file', 'utf8')).toBe('x');
    expect(server.stats()).toMatchObject({ activeRequests: 0, queuedRequests: 0, failedRequests: 20 });
  });

  it('ends with EIO beyond its time limit, and learns it by its signal', async () => {
    const signals: AbortSignal[] = [];
    const { connect } = await serve({
      storage: await storageOf({ file: 'x' }),
      hookTimeouts: { beforeMs: 20 },
      before: ({ signal }) => {
        signals.push(signal);
        return never();
      },
    });
    await expect(connect().stat('file')).rejects.toMatchObject({ code: 'EIO', retryable: false });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('is left at once by a request that the client cancels', async () => {
    const begun = new AbortController();
    const signals: AbortSignal[] = [];
    const { connect, server } = await serve({
      storage: await storageOf({ file: 'x' }),
      before: ({ signal }) => {
        signals.push(signal);
        begun.abort();
        return never();
      },
    });
    const ended = once(server, 'requestEnd') as Promise<[RequestSummary]>;
    const client = connect();
    await expect(client.stat('file', { signal: begun.signal })).rejects.toMatchObject({ code: 'ECANCELED' });
    const [{ error }] = await ended;
    expect(error?.code).toBe('ECANCELED');
    expect(signals[0]?.reason).toBe(error);
    expect(server.stats().activeRequests).toBe(0);
  });

  it('does not keep a server from closing', async () => {
    let onBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => (onBegun = resolve));
    const { connect, server } = await serve({
      storage: await storageOf({ file: 'x' }),
      before: () => {
        onBegun();
        return never();
      },
    });
    const asked = expect(connect({ reconnect: false }).stat('file')).rejects.toMatchObject({
      retryable: true,
    });
    await begun;
    await server.close({ graceMs: 0 });
    await asked;
    expect(server.stats().activeRequests).toBe(0);
  });
});
