import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/client/connection/backoff.js';
import { ReturnTime } from '../../../src/client/reconnect/return-time.js';
import { TransferError } from '../../../src/errors.js';

/** A return time and a backoff whose random part is the largest one. */
function at0() {
  let now = 0;
  const settings = { maxAttempts: 20, maxElapsedMs: 60_000, minDelayMs: 100, maxDelayMs: 10_000 };
  const backoff = new Backoff(settings, { random: () => 1, clock: () => now });
  const returnTime = new ReturnTime(() => now);
  const goaway = (retryAfterMs: number | undefined): void =>
    returnTime.onGoaway(new TransferError('ESHUTDOWN', undefined, { retryAfterMs }));
  return { backoff, returnTime, goaway, moveTo: (ms: number) => (now = ms) };
}

describe('ReturnTime', () => {
  it('delays the next connection by what is left of the time that the server has named', () => {
    const { backoff, returnTime, goaway, moveTo } = at0();
    goaway(3_000);
    expect(returnTime.error).toMatchObject({ retryAfterMs: 3_000 });
    expect(returnTime.delayMs(backoff)).toBe(3_100);
    moveTo(1_000);
    expect(returnTime.delayMs(backoff)).toBe(2_100);
    expect(returnTime.delayMs(backoff, 2_500)).toBe(2_600);
    moveTo(3_000);
    expect(returnTime.error).toBeUndefined();
  });

  it('spreads clients whose server is not back in time over the time that they were told', () => {
    const { backoff, returnTime, goaway, moveTo } = at0();
    goaway(3_000);
    moveTo(3_001);
    backoff.recordAttempt();
    expect(returnTime.delayMs(backoff)).toBe(3_000);
    returnTime.onOpen();
    expect(returnTime.delayMs(backoff)).toBe(100);
  });

  it('spreads them over maxDelayMs at most', () => {
    const { backoff, returnTime, goaway, moveTo } = at0();
    goaway(60_000);
    moveTo(60_001);
    expect(returnTime.delayMs(backoff)).toBe(10_000);
  });

  it('is the last one that the server has named', () => {
    const { backoff, returnTime, goaway } = at0();
    goaway(3_000);
    goaway(1_000);
    expect(returnTime.delayMs(backoff)).toBe(1_100);
    goaway(undefined);
    expect(returnTime.error).toBeUndefined();
    expect(returnTime.delayMs(backoff)).toBe(100);
  });
});
