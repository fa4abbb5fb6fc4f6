import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeepAliveNegotiation } from '../../../src/session/keep-alive/keep-alive-negotiation.js';
import { Pair, says } from '../../support/sessions.js';

const own = { intervalMs: 15_000, timeoutMs: 45_000 };

/** What a server makes of a client's wish: what it says in welcome, and how patient it is then. */
function granted(askedMs: number | undefined, { intervalMs, timeoutMs } = own) {
  const negotiation = new KeepAliveNegotiation(timeoutMs);
  negotiation.peerTimeoutMs = askedMs;
  negotiation.adoptPeerTimeout();
  return { saidMs: negotiation.timeoutMs, ...negotiation.settings({ intervalMs, timeoutMs }) };
}

describe('what a server makes of a client that gives up soon', () => {
  it('is to give up as soon, and to ping three times in that time', () => {
    expect(granted(9_000)).toEqual({ saidMs: 9_000, intervalMs: 3_000, timeoutMs: 9_000 });
  });

  it('is to be no sooner than 5 seconds, unless its own option is', () => {
    expect(granted(1_200)).toEqual({ saidMs: 5_000, intervalMs: 400, timeoutMs: 5_000 });
    expect(granted(1_200, { intervalMs: 500, timeoutMs: 2_000 })).toEqual({
      saidMs: 2_000,
      intervalMs: 400,
      timeoutMs: 2_000,
    });
  });

  it('is never to be more patient than its own option, nor less where nothing is asked', () => {
    expect(granted(100_000)).toEqual({ saidMs: 45_000, ...own });
    expect(granted(undefined)).toEqual({ saidMs: 45_000, ...own });
  });

  it('is not to send more than ten pings a second', () => {
    for (const askedMs of [0, 1, 299]) expect(granted(askedMs).intervalMs).toBe(100);
    expect(granted(0, { intervalMs: 20, timeoutMs: 60 }).intervalMs).toBe(20);
  });

  it('lets it ask before it gives up, whatever was asked', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.integer({ min: 2, max: 100_000 }),
        fc.nat(),
        (askedMs, timeoutMs, any) => {
          const intervalMs = 1 + (any % (timeoutMs - 1));
          const heartbeat = granted(askedMs, { intervalMs, timeoutMs });
          expect(heartbeat.intervalMs).toBeLessThanOrEqual(intervalMs);
          expect(heartbeat.intervalMs).toBeLessThan(heartbeat.timeoutMs);
          expect(heartbeat.timeoutMs).toBeLessThanOrEqual(timeoutMs);
        },
      ),
    );
  });
});

describe('what a client makes of a server that gives up soon', () => {
  it('is to ping soon, and to be as patient as before', () => {
    const negotiation = new KeepAliveNegotiation(own.timeoutMs);
    negotiation.peerTimeoutMs = 3_000;
    expect(negotiation.settings(own)).toEqual({ intervalMs: 1_000, timeoutMs: 45_000 });
  });

  it('is nothing, where the server says nothing of it', () => {
    const negotiation = new KeepAliveNegotiation(own.timeoutMs);
    negotiation.peerTimeoutMs = undefined;
    expect(negotiation.settings(own)).toEqual(own);
  });
});

describe('the negotiation in the handshake', () => {
  it('is said by both ends, and known to both afterwards', () => {
    const pair = new Pair(undefined, { keepAliveTimeoutMs: 20_000 });
    pair.exchange();
    expect(pair.server.keepAlive.timeoutMs).toBe(20_000);
    expect(pair.client.keepAlive.settings(own)).toEqual({ intervalMs: 6_667, timeoutMs: 45_000 });
  });

  it('is answered with what is in force', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1 keepAliveTimeout=1000\n'));
    expect(says(server)).toEqual([
      'welcome version=1 maxFrame=65536 maxChannels=64 agent=test keepAliveTimeout=5000',
    ]);
  });

  it('is not said to a client that does not speak of it', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1\n'));
    expect(says(server)).toEqual(['welcome version=1 maxFrame=65536 maxChannels=64 agent=test']);
  });
});
