/** The limits of a connection for its UDP path, under a clock of the test's own. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PathThrottles } from '../../../src/session/path/path-throttles.js';
import { RateLimit, Throttle } from '../../../src/session/transport/throttle.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const RATE = 100_000;

function limited(...limits: RateLimit[]): Throttle {
  const throttle = new Throttle();
  for (const limit of limits) throttle.addLimit(limit);
  return throttle;
}

function setUp() {
  const sending = limited(new RateLimit(RATE));
  const receiving = limited(new RateLimit(RATE));
  const host = { wake: vi.fn(), sendFrame: vi.fn() };
  return { sending, receiving, host, throttles: new PathThrottles({ sending, receiving }, host) };
}

const ack = (id: number, offset: number) => ({ type: 'ack', id, offset, window: 1_000 }) as const;

describe('bytes that are sent over a path', () => {
  it('wait when a piece of them is not paid for, and are woken when it is', () => {
    const { throttles, host, sending } = setUp();
    let bytes = 0;
    for (; throttles.maySend(); bytes += 1_000) throttles.onSent(1_000);
    // A tenth of a second in advance, and what is left of a piece of a sixteenth.
    expect(bytes).toBeGreaterThanOrEqual(RATE / 10);
    expect(bytes).toBeLessThanOrEqual(RATE / 10 + sending.pieceBytes + 1_000);
    expect(host.wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(host.wake).toHaveBeenCalledTimes(1);
    expect(throttles.maySend()).toBe(true);
  });

  it('are charged each time that they are sent', () => {
    const { throttles, sending } = setUp();
    throttles.onSent(RATE);
    throttles.onSent(RATE);
    expect(sending.unpaidMs).toBeCloseTo(1_900);
  });

  it('have half of a shared limit beside a connection that sends as much as it may', () => {
    const shared = new RateLimit(RATE);
    const [sending, other] = [limited(shared), limited(shared)];
    let [overPath, overTcp] = [0, 0];
    const throttles = new PathThrottles({ sending }, { wake: () => send(), sendFrame: vi.fn() });
    const send = (): void => {
      for (; throttles.maySend(); overPath += 500) throttles.onSent(500);
    };
    const move = (): void => {
      for (; !other.isThrottled; overTcp += other.pieceBytes) other.consume(other.pieceBytes);
      other.onReady(move);
    };
    send();
    move();
    vi.advanceTimersByTime(60_000);
    expect(overPath + overTcp).toBeLessThan(61 * RATE);
    expect(overPath / (overPath + overTcp)).toBeGreaterThan(0.4);
    expect(overPath / (overPath + overTcp)).toBeLessThan(0.6);
  });
});

describe('credit for bytes that come over a path', () => {
  it('is sent at once within the limit', () => {
    const { throttles, host } = setUp();
    throttles.onReceived(RATE / 20);
    throttles.grant(ack(1, 5));
    expect(host.sendFrame.mock.calls).toEqual([[ack(1, 5)]]);
  });

  it('waits until the bytes are paid for, the latest of each channel', () => {
    const { throttles, host } = setUp();
    throttles.onReceived(RATE / 2);
    throttles.grant(ack(1, 100));
    throttles.grant(ack(3, 50));
    throttles.grant(ack(1, 200));
    vi.advanceTimersByTime(300);
    throttles.onReceived(RATE / 2);
    vi.advanceTimersByTime(500);
    expect(host.sendFrame).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(host.sendFrame.mock.calls).toEqual([[ack(1, 200)], [ack(3, 50)]]);
    vi.advanceTimersByTime(10_000);
    expect(host.sendFrame).toHaveBeenCalledTimes(2);
  });

  it('is not sent to a channel that has ended', () => {
    const { throttles, host } = setUp();
    throttles.onReceived(RATE);
    throttles.grant(ack(1, 100));
    throttles.drop(1);
    vi.advanceTimersByTime(10_000);
    expect(host.sendFrame).not.toHaveBeenCalled();
  });

  it('is sent when the path ends, once', () => {
    const { throttles, host } = setUp();
    throttles.onReceived(RATE);
    throttles.grant(ack(1, 100));
    throttles.release();
    vi.advanceTimersByTime(10_000);
    expect(host.sendFrame.mock.calls).toEqual([[ack(1, 100)]]);
  });
});

it('datagrams are over the limit when more than two seconds of it have arrived unpaid', () => {
  const { throttles } = setUp();
  throttles.onReceived(2 * RATE);
  expect(throttles.isOverLimit).toBe(false);
  throttles.onReceived(RATE);
  expect(throttles.isOverLimit).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(throttles.isOverLimit).toBe(false);
  const { throttles: unlimited } = {
    throttles: new PathThrottles({}, { wake: vi.fn(), sendFrame: vi.fn() }),
  };
  unlimited.onReceived(1e12);
  expect([unlimited.isOverLimit, unlimited.maySend()]).toEqual([false, true]);
});
