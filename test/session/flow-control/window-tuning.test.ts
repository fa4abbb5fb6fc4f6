import { describe, expect, it } from 'vitest';
import { MinRtt } from '../../../src/session/flow-control/min-rtt.js';
import { WindowTuning } from '../../../src/session/flow-control/window-tuning.js';
import { ReceiveWindow } from '../../../src/session/flow-control/windows.js';

/** A window of 400 bytes, which may grow to 1,600, with a clock of the test's. The first byte comes after 100 ms. */
function tuned({ windowBytes = 400, roundTripMs = 100 } = {}) {
  let now = 0;
  const asked: number[] = [];
  const roundTrip = new MinRtt(() => now);
  const window = new ReceiveWindow(0);
  window.tuning = new WindowTuning(roundTrip, (bytes) => {
    asked.push(bytes);
    return Math.min(4 * windowBytes, bytes);
  });
  window.widen(windowBytes);
  now += roundTripMs;
  return {
    window,
    roundTrip,
    asked,
    wait: (ms: number) => (now += ms),
    /** So many bytes come, and are consumed at once. */
    move: (bytes: number) => {
      window.receive(bytes);
      return window.consume(bytes);
    },
  };
}

describe('a window', () => {
  it('doubles when a quarter of it comes within half of a round trip, up to where there is room', () => {
    const { move, wait } = tuned();
    const windows: (number | undefined)[] = [];
    for (let part = 0; part < 8; part += 1) {
      windows.push(move(100)?.window);
      wait(part < 4 ? 25 : 10);
    }
    expect(windows).toEqual([400, 800, 800, 1_600, 1_600, 1_600, 1_600, 1_600]);
  });

  it.each([
    { windowBytes: 1_000_000, roundTripMs: 0.9, most: 1_000_000 },
    { windowBytes: 1_000_000, roundTripMs: 1, most: 2_000_000 },
    { windowBytes: 2_000_000, roundTripMs: 1.9, most: 2_000_000 },
    { windowBytes: 2_000_000, roundTripMs: 2, most: 4_000_000 },
  ])(
    'of $windowBytes bytes is at most $most in $roundTripMs ms: no more than 1 GB/s',
    ({ most, ...link }) => {
      const { move } = tuned(link);
      for (let part = 0; part < 20; part += 1) move(link.windowBytes / 2);
      expect(move(link.windowBytes)?.window).toBe(most);
    },
  );

  it('stays as it is when a quarter takes longer than half of a round trip', () => {
    const { move, wait, asked } = tuned();
    for (let part = 0; part < 20; part += 1) {
      expect(move(100)).toMatchObject({ window: 400 });
      wait(51);
    }
    expect(asked).toEqual([]);
  });

  it('does not grow because a reader takes at once what has waited for it', () => {
    const { window, wait, asked } = tuned();
    for (let turn = 0; turn < 5; turn += 1) {
      window.receive(400);
      wait(5_000);
      for (let waiting = 300; waiting >= 0; waiting -= 100) window.consume(100, waiting);
    }
    expect(asked).toEqual([]);
  });

  it('does not grow while no round trip is known', () => {
    const { window, asked } = tuned();
    for (let part = 0; part < 4; part += 1) window.consume(100);
    expect(asked).toEqual([]);
  });

  it('says acks as often as before when it has grown', () => {
    const { move, asked } = tuned();
    let acks = 0;
    for (let bytes = 0; bytes < 10_000; bytes += 10) if (move(10)) acks += 1;
    expect(acks).toBe(100);
    expect(asked).toContain(1_600);
  });

  it('never takes back what it has granted', () => {
    const { move, wait, asked } = tuned();
    let limit = 400;
    for (let part = 0; part < 50; part += 1) {
      wait((part * 37) % 90);
      const grant = move(100);
      const next = (grant?.offset ?? 0) + (grant?.window ?? 0);
      if (grant) expect(next).toBeGreaterThanOrEqual(limit);
      limit = grant ? next : limit;
    }
    expect(asked).not.toEqual([]);
  });
});

describe('a round trip', () => {
  it('is the shortest time from a grant to the first byte that needed it', () => {
    const { window, roundTrip, wait } = tuned();
    expect(roundTrip.isWithin(0)).toBe(false);
    window.receive(1);
    expect([roundTrip.isWithin(100), roundTrip.isWithin(101)]).toEqual([true, false]);
    window.consume(100);
    wait(30);
    // These were allowed before.
    window.receive(399);
    wait(30);
    window.receive(1);
    expect([roundTrip.isWithin(60), roundTrip.isWithin(61)]).toEqual([true, false]);
    window.consume(300);
    wait(500);
    window.receive(100);
    expect([roundTrip.isWithin(60), roundTrip.isWithin(61)]).toEqual([true, false]);
  });
});
