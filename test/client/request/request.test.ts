import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/client/connection/backoff.js';
import type { ClientConnection } from '../../../src/client/connection/client-connection.js';
import { ConnectionRecord } from '../../../src/client/connection/connection-record.js';
import type { Loss } from '../../../src/client/connection/loss.js';
import { ClientCounters } from '../../../src/client/monitoring/client-counters.js';
import type { ClientContext } from '../../../src/client/request/client-context.js';
import { Request } from '../../../src/client/request/request.js';
import { TransferError } from '../../../src/errors.js';

/** A request that was accepted, and has taken one of its attempts before. */
function acceptedRequest({ wantsMore = false } = {}) {
  const told: string[] = [];
  const losses: Loss[] = [];
  const state = { progress: 10 };
  const dispatcher = {
    paused: new Set(),
    dispatch: () => undefined,
    release: () => undefined,
    retry: (_request: Request, loss: Loss) => losses.push(loss) > 0,
  };
  const request = new Request({ dispatcher, counters: new ClientCounters() } as unknown as ClientContext, {
    wants: 'body',
    isIdempotent: () => true,
    canPause: () => true,
    wantsMore: () => wantsMore,
    progress: () => state.progress,
    fields: () => ({ op: 'download', checksum: 'none' }),
    onAccept: () => undefined,
    onEnd: () => void told.push('end'),
  });
  request.start({});
  const backoff = new Backoff({ maxAttempts: 5, maxElapsedMs: 1_000, minDelayMs: 1, maxDelayMs: 1 });
  backoff.recordAttempt();
  request.backoff = backoff;
  const session = { request: () => ({ queued: false, cancel: () => undefined }) };
  request.begin({ session, record: new ConnectionRecord(0) } as unknown as ClientConnection);
  request.onAccept({ type: 'accept', id: 1, kind: 'file', offset: 0, size: 1, mtime: 1 });
  const timeOut = (): void => request.onClose(new TransferError('ETIMEDOUT'));
  return { request, state, backoff, timeOut, losses, told, isPaused: () => dispatcher.paused.has(request) };
}

describe('ETIMEDOUT of the server', () => {
  it('is a pause if the program does not wait, and progress before it starts the attempts over', () => {
    const { state, timeOut, isPaused, backoff, losses, told } = acceptedRequest();
    state.progress = 11;
    timeOut();
    expect(isPaused()).toBe(true);
    expect(backoff.attempts).toBe(0);
    expect(losses).toEqual([]);
    expect(told).toEqual([]);
  });

  it('without progress before it keeps the attempts that were taken', () => {
    const { timeOut, isPaused, backoff } = acceptedRequest();
    timeOut();
    expect(isPaused()).toBe(true);
    expect(backoff.attempts).toBe(1);
  });

  it('is a loss if the program waits, which has progressed only beyond the furthest point so far', () => {
    const { request, state, timeOut, isPaused, losses } = acceptedRequest({ wantsMore: true });
    const connection = { session: { request: () => ({}) }, record: new ConnectionRecord(0) };
    for (const progress of [10, 12, 5, 12, 13]) {
      state.progress = progress;
      timeOut();
      request.begin(connection as unknown as ClientConnection);
    }
    expect(isPaused()).toBe(false);
    expect(losses.map(({ progressed }) => progressed)).toEqual([false, true, false, false, true]);
  });
});
