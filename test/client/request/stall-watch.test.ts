import { describe, expect, it } from 'vitest';
import { StallWatch } from '../../../src/client/request/stall-watch.js';
import type { ClientChannel } from '../../../src/session/channel/client-channel.js';

/** The part of a channel that is watched. */
type Watched = Pick<
  ClientChannel,
  | 'activity'
  | 'progress'
  | 'queued'
  | 'closed'
  | 'bufferedBytes'
  | 'hasPendingWrite'
  | 'clientState'
  | 'wantsBody'
  | 'isDuplex'
  | 'peerEnd'
>;

type State = { -readonly [Name in keyof Watched]: Watched[Name] };

function watched(state: Partial<State> = {}): State {
  return {
    activity: 0,
    progress: 0,
    queued: false,
    closed: false,
    bufferedBytes: 0,
    hasPendingWrite: false,
    clientState: 'sending',
    wantsBody: false,
    isDuplex: false,
    peerEnd: undefined,
    ...state,
  };
}

/** The time at which a request ends whose server shows only that it is alive, every 10 ms. */
function endOf(state: State, { isShort = false, accepted = false } = {}): number {
  const watch = new StallWatch(state as ClientChannel, { stallMs: 50, responseMs: 100 }, isShort);
  for (let nowMs = 0; nowMs < 100_000; nowMs += 10) {
    const error = watch.check(nowMs, accepted);
    if (error) {
      expect(error.code).toBe('ETIMEDOUT');
      return nowMs;
    }
    state.activity++;
  }
  return Infinity;
}

describe('a request whose server only shows that it is alive', () => {
  it('ends after ten response times if its work is short', () => {
    expect(endOf(watched(), { isShort: true })).toBe(1_000);
  });

  it('ends after a hundred response times if its work may be long', () => {
    expect(endOf(watched())).toBe(10_000);
  });

  it.each([
    ['the server stores nothing of its body', watched({ hasPendingWrite: true }), 500],
    ['the server sends no body', watched({ wantsBody: true }), 500],
    ['the server does not store it', watched({ clientState: 'ended' }), 1_000],
  ])('ends after ten times its limit once it is accepted: %s', (_what, state, endMs) => {
    expect(endOf(state, { accepted: true })).toBe(endMs);
  });

  it('waits without a limit only for this end: a slow writer, a slow reader, other requests', () => {
    expect(endOf(watched(), { accepted: true })).toBe(Infinity);
    expect(endOf(watched({ bufferedBytes: 1 }), { accepted: true })).toBe(Infinity);
    expect(endOf(watched({ queued: true }))).toBe(Infinity);
  });
});

describe('an accepted stream method', () => {
  const duplex = { isDuplex: true, wantsBody: true };
  const peerEnd = { type: 'end', id: 1, size: 0 } as const;

  it('may be silent for any time while an end may still send', () => {
    expect(endOf(watched(duplex), { accepted: true })).toBe(Infinity);
    expect(endOf(watched({ ...duplex, clientState: 'ended' }), { accepted: true })).toBe(Infinity);
    expect(endOf(watched({ ...duplex, peerEnd }), { accepted: true })).toBe(Infinity);
  });

  it('ends if the server takes nothing of what waits to be sent', () => {
    expect(endOf(watched({ ...duplex, hasPendingWrite: true }), { accepted: true })).toBe(500);
  });

  it('ends if the result does not follow the ends of both bodies', () => {
    expect(endOf(watched({ ...duplex, clientState: 'ended', peerEnd }), { accepted: true })).toBe(10_000);
  });
});

describe('a request', () => {
  it('ends after its limit without any sign of the server', () => {
    const watch = new StallWatch(watched() as ClientChannel, { stallMs: 50, responseMs: 100 }, false);
    expect(watch.check(0, false)).toBeUndefined();
    expect(watch.check(99, false)).toBeUndefined();
    expect(watch.check(100, false)).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('continues as long as bytes are transferred', () => {
    const state = watched({ wantsBody: true });
    const watch = new StallWatch(state as ClientChannel, { stallMs: 50, responseMs: 100 }, false);
    for (let nowMs = 0; nowMs < 100_000; nowMs += 40) {
      expect(watch.check(nowMs, true)).toBeUndefined();
      state.activity++;
      state.progress++;
    }
  });
});
