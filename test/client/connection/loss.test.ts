import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/client/connection/backoff.js';
import type { ClientConnection } from '../../../src/client/connection/client-connection.js';
import { ConnectionRecord } from '../../../src/client/connection/connection-record.js';
import { takeAttempt, type Loss } from '../../../src/client/connection/loss.js';
import { TransferError } from '../../../src/errors.js';

const settings = { maxAttempts: 2, maxElapsedMs: 1_000, minDelayMs: 1, maxDelayMs: 1 };

function lossOf({ code = 'ECONNRESET', progressed = false, queued = false, others = false }): Loss {
  const record = new ConnectionRecord(10_000);
  record.progressed = progressed || others;
  const connection = { record } as unknown as ClientConnection;
  return { error: new TransferError(code), connection, progressed, queued };
}

describe('takeAttempt', () => {
  it('allows maxAttempts, and as many again after progress of the request itself', () => {
    const backoff = new Backoff(settings);
    const taken = [{}, {}, {}, { others: true }, { progressed: true }, {}, {}].map((loss) =>
      takeAttempt(backoff, lossOf(loss)),
    );
    expect(taken).toEqual([true, true, false, false, true, true, false]);
  });

  it('allows attempts for maxElapsedMs from the first loss on, however long the connections lasted', () => {
    let now = 0;
    const backoff = new Backoff({ ...settings, maxAttempts: 100 }, { clock: () => now });
    now = 500_000;
    expect(takeAttempt(backoff, lossOf({}))).toBe(true);
    now += 999;
    expect(takeAttempt(backoff, lossOf({ others: true }))).toBe(true);
    now += 1;
    expect(takeAttempt(backoff, lossOf({ others: true }))).toBe(false);
  });

  it('takes none from a request that waited for others, which made progress', () => {
    const backoff = new Backoff(settings);
    for (let times = 0; times < 10; times++) {
      expect(takeAttempt(backoff, lossOf({ queued: true, others: true }))).toBe(true);
    }
    const alone = [1, 2, 3].map(() => takeAttempt(backoff, lossOf({ queued: true })));
    expect(alone).toEqual([true, true, false]);
  });

  it('takes one although there was progress if the peer violates the protocol at once', () => {
    const backoff = new Backoff(settings);
    const taken = [1, 2, 3].map(() => takeAttempt(backoff, lossOf({ code: 'EBADMSG', progressed: true })));
    expect(taken).toEqual([true, true, false]);
  });
});
