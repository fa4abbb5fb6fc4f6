import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeepAliveNegotiation } from '../../../src/session/keep-alive/keep-alive-negotiation.js';
import { Pair, says } from '../../support/doubles/sessions.js';

const own = { intervalMs: 15_000, timeoutMs: 45_000 };

/** The timeouts of a server for the request of a client: the declared one in the welcome, and its own. */
function granted(askedMs: number | undefined, { intervalMs, timeoutMs } = own) {
  const negotiation = new KeepAliveNegotiation(timeoutMs);
  negotiation.peerTimeoutMs = askedMs;
  negotiation.adoptPeerTimeout();
  return { saidMs: negotiation.timeoutMs, ...negotiation.settings({ intervalMs, timeoutMs }) };
}

describe('a server whose client declares a short keep-alive timeout', () => {
  it('uses the same timeout, and sends three pings within it', () => {
    expect(granted(9_000)).toEqual({ saidMs: 9_000, intervalMs: 3_000, timeoutMs: 9_000 });
  });

  it('uses no timeout below 5 seconds, unless its own option is lower', () => {
    expect(granted(1_200)).toEqual({ saidMs: 5_000, intervalMs: 400, timeoutMs: 5_000 });
    expect(granted(1_200, { intervalMs: 500, timeoutMs: 2_000 })).toEqual({
      saidMs: 2_000,
      intervalMs: 400,
      timeoutMs: 2_000,
    });
  });

  it('never uses a longer timeout than its option, nor a shorter one without a request', () => {
    expect(granted(100_000)).toEqual({ saidMs: 45_000, ...own });
    expect(granted(undefined)).toEqual({ saidMs: 45_000, ...own });
  });

  it('sends no more than ten pings a second', () => {
    for (const askedMs of [0, 1, 299]) expect(granted(askedMs).intervalMs).toBe(100);
    expect(granted(0, { intervalMs: 20, timeoutMs: 60 }).intervalMs).toBe(20);
  });

  it('sends a ping before it disconnects, whatever was requested', () => {
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

describe('a client whose server declares a short keep-alive timeout', () => {
  it('sends pings in time, and keeps its own timeout', () => {
    const negotiation = new KeepAliveNegotiation(own.timeoutMs);
    negotiation.peerTimeoutMs = 3_000;
    expect(negotiation.settings(own)).toEqual({ intervalMs: 1_000, timeoutMs: 45_000 });
  });

  it('changes nothing if the server declares no timeout', () => {
    const negotiation = new KeepAliveNegotiation(own.timeoutMs);
    negotiation.peerTimeoutMs = undefined;
    expect(negotiation.settings(own)).toEqual(own);
  });
});

describe('the keep-alive timeout in the handshake', () => {
  it('is declared by both ends, and known to both afterwards', () => {
    const pair = new Pair(undefined, { keepAliveTimeoutMs: 20_000 });
    pair.exchange();
    expect(pair.server.keepAlive.timeoutMs).toBe(20_000);
    expect(pair.client.keepAlive.settings(own)).toEqual({ intervalMs: 6_667, timeoutMs: 45_000 });
  });

  it('is answered with the effective timeout', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1 keepAliveTimeout=1000\n'));
    expect(says(server)).toEqual([
      'welcome version=1 maxFrame=65536 maxChannels=64 agent=test keepAliveTimeout=5000',
    ]);
  });

  it('is not sent to a client that does not declare one', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1\n'));
    expect(says(server)).toEqual(['welcome version=1 maxFrame=65536 maxChannels=64 agent=test']);
  });
});
