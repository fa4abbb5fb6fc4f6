import { expect, it } from 'vitest';
import { RequestBatcher } from '../../../src/session/transport/request-batcher.js';

/** The input that is read for requests of this many bytes each, turn by turn. */
function turnsOf(
  size: RequestBatcher,
  requestBytes: number,
  { bytes, turns }: { bytes: number; turns: number },
): number[] {
  return Array.from({ length: turns }, () => {
    const taken = Math.min(bytes, size.bytes);
    const requests = Math.floor(taken / requestBytes);
    size.onBatch(requests, taken);
    return requests;
  });
}

it('a turn has about eight requests after their size was measured', () => {
  const [first, ...later] = turnsOf(new RequestBatcher(), 50, { bytes: 3_200, turns: 5 });
  expect(first).toBe(64);
  for (const requests of later) expect(requests).toBe(8);
});

it('a turn grows back to all received bytes as soon as it has few requests', () => {
  const size = new RequestBatcher();
  turnsOf(size, 50, { bytes: 3_200, turns: 2 });
  turnsOf(size, Infinity, { bytes: 65_536, turns: 8 });
  expect(size.bytes).toBeGreaterThanOrEqual(65_536);
});

it('a turn does not grow from chunks that do not fill it', () => {
  const size = new RequestBatcher();
  turnsOf(size, 50, { bytes: 3_200, turns: 2 });
  const { bytes } = size;
  turnsOf(size, 50, { bytes: 60, turns: 100 });
  expect(size.bytes).toBe(bytes);
});

it('a group grows while the next request is available, up to 24 requests, and shrinks to 3 otherwise', () => {
  const size = new RequestBatcher();
  const requestsAfter = (groups: number, isNextAtHand: boolean): number | undefined => {
    for (let group = 0; group < groups; group++) size.onAnswered(isNextAtHand);
    return turnsOf(size, 100, { bytes: 20_000, turns: 8 }).at(-1);
  };
  expect(requestsAfter(0, true)).toBe(8);
  expect(requestsAfter(16, true)).toBe(12);
  expect(requestsAfter(1, false)).toBe(9);
  expect(requestsAfter(1_000, true)).toBe(24);
  expect(requestsAfter(1_000, false)).toBe(3);
});

it('a group has at most eight requests while other connections have groups, too', () => {
  const [one, other] = [new RequestBatcher(), new RequestBatcher()];
  const requestsOf = (size: RequestBatcher): number | undefined => {
    const taken = turnsOf(size, 100, { bytes: 20_000, turns: 1 }).at(-1);
    size.onAnswered(true);
    return taken;
  };
  const inTurns = Array.from({ length: 100 }, () => [requestsOf(one), requestsOf(other)]);
  expect(inTurns.at(-1)).toEqual([8, 8]);
  const alone = Array.from({ length: 100 }, () => requestsOf(one));
  expect(alone.at(-1)).toBe(24);
  const inTurnsAgain = Array.from({ length: 100 }, () => [requestsOf(one), requestsOf(other)]);
  expect(inTurnsAgain.at(-1)).toEqual([8, 8]);
});

it('a turn has at least 256 bytes, whatever they contain', () => {
  const size = new RequestBatcher();
  size.onBatch(10_000, 1_000);
  expect(size.bytes).toBe(256);
});
