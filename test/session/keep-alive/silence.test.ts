import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Silence } from '../../../src/session/keep-alive/silence.js';
import { Pair, says } from '../../support/sessions.js';

const own = { idleMs: 15_000, deadMs: 45_000 };

/** What a server makes of a client's wish: what it says in welcome, and how patient it is then. */
function granted(askedMs: number | undefined, { idleMs, deadMs } = own) {
  const silence = new Silence(deadMs);
  silence.heard(askedMs);
  silence.grant();
  return { saidMs: silence.ownMs, ...silence.heartbeat({ idleMs, deadMs }) };
}

describe('what a server makes of a client that gives up soon', () => {
  it('is to give up as soon, and to ping three times in that time', () => {
    expect(granted(9_000)).toEqual({ saidMs: 9_000, idleMs: 3_000, deadMs: 9_000 });
  });

  it('is to be no sooner than 5 seconds, unless its own option is', () => {
    expect(granted(1_200)).toEqual({ saidMs: 5_000, idleMs: 400, deadMs: 5_000 });
    expect(granted(1_200, { idleMs: 500, deadMs: 2_000 })).toEqual({
      saidMs: 2_000,
      idleMs: 400,
      deadMs: 2_000,
    });
  });

  it('is never to be more patient than its own option, nor less where nothing is asked', () => {
    expect(granted(100_000)).toEqual({ saidMs: 45_000, ...own });
    expect(granted(undefined)).toEqual({ saidMs: 45_000, ...own });
  });

  it('is not to send more than ten pings a second', () => {
    for (const askedMs of [0, 1, 299]) expect(granted(askedMs).idleMs).toBe(100);
    expect(granted(0, { idleMs: 20, deadMs: 60 }).idleMs).toBe(20);
  });

  it('lets it ask before it gives up, whatever was asked', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 2, max: 100_000 }), fc.nat(), (askedMs, deadMs, any) => {
        const idleMs = 1 + (any % (deadMs - 1));
        const heartbeat = granted(askedMs, { idleMs, deadMs });
        expect(heartbeat.idleMs).toBeLessThanOrEqual(idleMs);
        expect(heartbeat.idleMs).toBeLessThan(heartbeat.deadMs);
        expect(heartbeat.deadMs).toBeLessThanOrEqual(deadMs);
      }),
    );
  });
});

describe('what a client makes of a server that gives up soon', () => {
  it('is to ping soon, and to be as patient as before', () => {
    const silence = new Silence(own.deadMs);
    silence.heard(3_000);
    expect(silence.heartbeat(own)).toEqual({ idleMs: 1_000, deadMs: 45_000 });
  });

  it('is nothing, where the server says nothing of it', () => {
    const silence = new Silence(own.deadMs);
    silence.heard(undefined);
    expect(silence.heartbeat(own)).toEqual(own);
  });
});

describe('the silence in the handshake', () => {
  it('is said by both ends, and known to both afterwards', () => {
    const pair = new Pair(undefined, { silenceMs: 20_000 });
    pair.exchange();
    expect(pair.server.silence.ownMs).toBe(20_000);
    expect(pair.client.silence.heartbeat(own)).toEqual({ idleMs: 6_667, deadMs: 45_000 });
  });

  it('is answered with what is in force', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1 silence=1000\n'));
    expect(says(server)).toEqual(['welcome version=1 maxFrame=65536 maxChannels=64 agent=test silence=5000']);
  });

  it('is not said to a client that does not speak of it', () => {
    const { server } = new Pair();
    server.receive(Buffer.from('hello version=1\n'));
    expect(says(server)).toEqual(['welcome version=1 maxFrame=65536 maxChannels=64 agent=test']);
  });
});
