import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransferError } from '../../../src/errors.js';
import { Exchange } from '../../../src/server/request/exchange.js';
import {
  QueuedRequest,
  type RequestOutcome,
  type RequestRunner,
} from '../../../src/server/request/queued-request.js';
import type { ServerRequest } from '../../../src/server/strategies/strategy.js';
import { MinRtt } from '../../../src/session/flow-control/min-rtt.js';
import { ServerChannel } from '../../../src/session/channel/server-channel.js';

const CLEANUP_MS = 1_000;

/** A request whose runner waits to be told how it ends, and everything that its end told. */
function queued(takesBody?: boolean) {
  const ends: { started: boolean; code: string | undefined }[] = [];
  let finish: (error?: TransferError) => void = () => undefined;
  const runner: RequestRunner = {
    connection: 1,
    origin: 'origin',
    cleanupTimeoutMs: CLEANUP_MS,
    run: () =>
      new Promise((resolve, reject) => {
        finish = (error) => (error === undefined ? resolve() : reject(error));
      }),
    onEnd: (_request, { wasStarted, error }: RequestOutcome) =>
      void ends.push({ started: wasStarted, code: error?.code }),
  };
  const host = {
    sendFrame: () => undefined,
    grant: () => undefined,
    schedule: () => undefined,
    removeChannel: () => undefined,
    fail: () => undefined,
    isDelivering: false,
    dropUndelivered: () => undefined,
  };
  const channel = new ServerChannel(host, 1, { send: 0, receive: 0, minRtt: new MinRtt(), takesBody: true });
  const exchange = new Exchange(
    channel,
    { type: 'open', id: 1, op: 'stat' },
    {
      share: undefined,
      uploadId: undefined,
      requestId: '1-1',
      minRate: { stallMs: 1_000, minBytesPerSecond: 0, isContended: () => false },
    },
  );
  const handler =
    takesBody === undefined ? undefined : { takesBody, needs: () => [], run: () => Promise.resolve({}) };
  const request = new QueuedRequest(exchange, handler, runner);
  return { request, exchange, channel, ends, finish: (error?: TransferError) => finish(error) };
}

const submitting = (submit: (request: ServerRequest) => void) => ({ name: 'test', submit });

describe('a queued request', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('runs once, however often the strategy runs and refuses it', async () => {
    const { request, ends, finish } = queued();
    const run = request.run();
    await request.run();
    request.reject(new TransferError('EAGAIN'));
    expect(ends).toEqual([]);
    finish();
    await run;
    expect(request.settled).toBe(true);
    expect(ends).toEqual([{ started: true, code: undefined }]);
  });

  it.each([
    ['a change, whose storage may still make it, with EIO', false, 'EIO'],
    ['an upload, which is suspended, with ESHUTDOWN', true, 'ESHUTDOWN'],
  ])('of a closing server ends %s if it does not end in time', async (_, takesBody, code) => {
    const { request, exchange, ends } = queued(takesBody);
    const run = request.run();
    exchange.interrupt(new TransferError('ESHUTDOWN'));
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(2 * CLEANUP_MS);
    await run;
    expect(ends).toEqual([{ started: true, code }]);
  });

  it('of a closing server that has not begun ends with ESHUTDOWN at once', () => {
    const { request, exchange, ends } = queued(false);
    exchange.interrupt(new TransferError('ESHUTDOWN'));
    expect(request.settled).toBe(true);
    expect(ends).toEqual([{ started: false, code: 'ESHUTDOWN' }]);
  });

  it('of a closing server that waits for the same one ends with EIO, and only if that does not end in time', () => {
    const { request, exchange, ends } = queued(true);
    const observer = { awaitedSteps: 0, onResult: vi.fn(), onFailure: vi.fn(), onEnd: vi.fn() };
    request.observer = observer;
    exchange.interrupt(new TransferError('ESHUTDOWN'));
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(CLEANUP_MS + 2);
    expect(ends).toEqual([{ started: false, code: 'EIO' }]);
    expect(observer.onEnd).toHaveBeenCalledOnce();
  });

  it.each([
    [
      'throws',
      (): void => {
        throw new Error('no');
      },
    ],
    [
      'rejects',
      async (): Promise<void> => {
        throw await Promise.resolve(new Error('no'));
      },
    ],
  ])('fails with EIO if the strategy %s', async (_how, submit) => {
    const { request, channel, ends } = queued();
    request.submit(submitting(() => void 0));
    expect(ends).toEqual([]);
    request.submit(submitting(submit));
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toEqual([{ started: false, code: 'EIO' }]);
    expect(channel.closed).toBe(true);
    await request.run();
    expect(ends).toHaveLength(1);
  });

  it('ends at once if it is cancelled in the queue', () => {
    const { request, channel, ends } = queued();
    channel.stop(new TransferError('ECANCELED'));
    expect(request.settled).toBe(true);
    expect(ends).toEqual([{ started: false, code: 'ECANCELED' }]);
  });

  it('ends with its own error if it cleans up in time after a cancel', async () => {
    const { request, channel, ends, finish } = queued();
    const run = request.run();
    channel.stop(new TransferError('ECANCELED'));
    expect(ends).toEqual([]);
    finish(new TransferError('ESTALE'));
    await run;
    expect(ends).toEqual([{ started: true, code: 'ESTALE' }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('frees its place if it does not clean up in time after a cancel', async () => {
    const { request, channel, ends, finish } = queued();
    const run = request.run();
    channel.stop(new TransferError('ECANCELED'));
    // Input is read first, in two turns.
    vi.advanceTimersByTime(CLEANUP_MS + 2);
    await run;
    expect(ends).toEqual([{ started: true, code: 'ECANCELED' }]);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toHaveLength(1);
  });
});
