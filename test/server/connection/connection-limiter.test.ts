import { describe, expect, it } from 'vitest';
import type { TransferError } from '../../../src/index.js';
import {
  ConnectionLimiter,
  type LimitedConnection,
} from '../../../src/server/connection/connection-limiter.js';
import { PerAddressSemaphore } from '../../../src/server/auth/semaphore.js';
import { INITIAL_WINDOW_BYTES } from '../../../src/protocol/limits.js';
import { ReceiveBudget, ReceiveShare } from '../../../src/server/request/receive-budget.js';

const bounds = { maxConnections: 100, maxConnectionsPerAddress: 10, maxPendingHandshakes: 3 };

function guestOf(address: string): LimitedConnection & { error?: TransferError } {
  const guest: LimitedConnection & { error?: TransferError } = {
    address,
    reject: (error) => (guest.error = error),
  };
  return guest;
}

describe('pending handshakes', () => {
  it('make room, the oldest first, of the address that has most of them', () => {
    const admission = new ConnectionLimiter(bounds);
    const good = guestOf('192.0.2.1');
    const bad = [1, 2, 3].map(() => guestOf('192.0.2.66'));
    admission.add(good, true);
    for (const guest of bad) admission.add(guest, false);
    expect(bad.map(({ error }) => error?.code)).toEqual(['EAGAIN', undefined, undefined]);
    expect(good.error).toBeUndefined();
  });

  it('are no longer counted after the welcome or the close', () => {
    const admission = new ConnectionLimiter(bounds);
    const guests = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'].map(guestOf);
    const [first, second, ...others] = guests;
    for (const guest of [first!, second!]) admission.add(guest, true);
    admission.markReady(first!);
    admission.remove(second!);
    for (const guest of others) admission.add(guest, true);
    expect(guests.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(admission.size).toBe(4);
  });

  it('make room according to the current counts', () => {
    const admission = new ConnectionLimiter(bounds);
    const [first, second, third] = [1, 2, 3].map(() => guestOf('192.0.2.66'));
    const others = [1, 2].map(() => guestOf('192.0.2.1'));
    for (const guest of [first!, second!]) admission.add(guest, true);
    admission.markReady(first!);
    admission.remove(second!);
    for (const guest of [third!, ...others, guestOf('192.0.2.2')]) admission.add(guest, true);
    expect([third!, ...others].map(({ error }) => error?.code)).toEqual([undefined, 'EAGAIN', undefined]);
  });
});

describe('logins of one address', () => {
  it('wait for each other, and not for those of other addresses', async () => {
    const queues = new PerAddressSemaphore();
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const login = (address: string): Promise<void> =>
      queues.run(address, () => {
        begun.push(address);
        return new Promise((resolve) => ends.push(resolve));
      });
    const all = [...Array<string>(6).fill('192.0.2.66'), '192.0.2.1'].map(login);
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual([...Array<string>(4).fill('192.0.2.66'), '192.0.2.1']);
    for (let ended = 0; ended < 7; ended++) {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
  });
});

describe('the receive budget of a request', () => {
  it('is zero after the request ends', () => {
    const budget = new ReceiveBudget(10 * INITIAL_WINDOW_BYTES);
    const share = new ReceiveShare(budget);
    share.release();
    share.takeEarly();
    share.window(INITIAL_WINDOW_BYTES);
    expect(budget.left).toBe(10 * INITIAL_WINDOW_BYTES);
  });
});
