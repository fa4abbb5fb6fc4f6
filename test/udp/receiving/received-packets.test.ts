import { describe, expect, it } from 'vitest';
import { ReceivedPackets } from '../../../src/udp/receiving/received-packets.js';
import { MAX_REPORTED_GAPS, MAX_SPAN_PACKETS } from '../../../src/udp/report.js';

/** The reorder window of a round trip of 80 ms. */
const RTT_US = 80_000;
const WINDOW_US = 10_000;

function packets(...numbers: number[]): ReceivedPackets {
  const received = new ReceivedPackets(RTT_US);
  for (const number of numbers) received.add(number, 0);
  return received;
}

describe('received packets', () => {
  it('in order are resolved at once, without gaps', () => {
    const received = packets(0, 1, 2);
    expect(received.resolvedTo).toBe(3);
    expect(received.nextResolveUs).toBe(Infinity);
    expect(received.resolve(1e9)).toEqual([]);
  });

  it('that are missing are lost after the reorder window, not before', () => {
    const received = packets(0, 3, 4, 6);
    expect(received.nextResolveUs).toBe(WINDOW_US);
    expect(received.resolve(WINDOW_US - 1)).toEqual([]);
    expect(received.resolvedTo).toBe(1);
    expect(received.resolve(WINDOW_US)).toEqual([[1, 2], [5, 1]]); // prettier-ignore
    expect(received.resolvedTo).toBe(7);
  });

  it('are lost once only', () => {
    const received = packets(1);
    expect(received.resolve(WINDOW_US)).toEqual([[0, 1]]);
    expect(received.resolve(1e9)).toEqual([]);
  });

  it('that arrive within the window are not lost', () => {
    const received = packets(0, 2);
    expect(received.add(1, WINDOW_US - 1)).toBe('new');
    expect(received.resolve(WINDOW_US)).toEqual([]);
    expect(received.resolvedTo).toBe(3);
  });

  it('are not lost by the window of an earlier gap', () => {
    const received = packets(1);
    received.add(3, 5_000);
    expect(received.resolve(WINDOW_US)).toEqual([[0, 1]]);
    expect(received.resolvedTo).toBe(2);
    expect(received.resolve(WINDOW_US + 5_000)).toEqual([[2, 1]]);
  });

  it('are duplicates the second time, also long after they were resolved', () => {
    const received = packets(0, 1, 3);
    expect(received.add(3, 0)).toBe('duplicate');
    expect(received.add(0, 0)).toBe('duplicate');
    received.resolve(1e9);
    expect(received.add(1, 0)).toBe('duplicate');
  });

  it('that were lost are used once when they arrive late', () => {
    const received = packets(1);
    received.resolve(WINDOW_US);
    expect(received.add(0, WINDOW_US)).toBe('late');
    expect(received.add(0, WINDOW_US)).toBe('duplicate');
  });

  it('beyond the history are duplicates: whether they arrived is not known any more', () => {
    const received = packets(1);
    received.resolve(WINDOW_US);
    for (let number = 2; number <= 2 * MAX_SPAN_PACKETS; number += 1) received.add(number, WINDOW_US);
    expect(received.add(0, WINDOW_US)).toBe('duplicate');
  });

  it('cannot be further ahead than a sender may be', () => {
    const received = packets(0);
    expect(received.add(MAX_SPAN_PACKETS + 1, 0)).toBe('beyond');
    expect(received.add(1, 0)).toBe('new');
    expect(received.add(MAX_SPAN_PACKETS + 1, 0)).toBe('new');
    expect(received.resolve(1e9)).toEqual([[2, MAX_SPAN_PACKETS - 1]]);
  });

  it('are reported in parts if there are many gaps', () => {
    const received = new ReceivedPackets(RTT_US);
    for (let number = 1; number <= 2 * MAX_REPORTED_GAPS + 1; number += 2) received.add(number, 0);
    expect(received.resolve(WINDOW_US)).toHaveLength(MAX_REPORTED_GAPS);
    expect(received.nextResolveUs).toBe(-Infinity);
    expect(received.resolve(WINDOW_US)).toHaveLength(1);
    expect(received.nextResolveUs).toBe(Infinity);
  });
});

describe('the reorder window', () => {
  it.each([
    [1_000, 1_000],
    [80_000, 10_000],
    [400_000, 20_000],
  ])('of a round trip of %i us is %i us', (rttUs, windowUs) => {
    expect(new ReceivedPackets(rttUs).reorderUs).toBe(windowUs);
  });

  it('doubles after late arrivals, once a report, up to half of the round trip', () => {
    const received = new ReceivedPackets(400_000);
    const sizes = [];
    for (let round = 0; round < 5; round += 1) {
      const first = received.resolvedTo;
      received.add(first + 2, round * 1e6);
      received.resolve(round * 1e6 + 5e5);
      received.add(first, round * 1e6 + 6e5);
      received.add(first + 1, round * 1e6 + 6e5);
      received.resolve(round * 1e6 + 7e5);
      sizes.push(received.reorderUs);
    }
    expect(sizes).toEqual([40_000, 80_000, 160_000, 200_000, 200_000]);
  });
});

describe('an announcement of the sender', () => {
  it('makes the last packets lost when none arrives any more', () => {
    const received = packets(0, 1);
    for (let number = 2; number < 50; number += 1) received.add(number, number * 100);
    expect(received.announce(53, 5_000)).toBe(true);
    expect(received.nextResolveUs).toBe(5_000 + WINDOW_US);
    received.add(51, 9_000);
    expect(received.resolve(18_999)).toEqual([]);
    expect(received.resolve(19_000)).toEqual([[50, 1], [52, 1]]); // prettier-ignore
    expect(received.resolvedTo).toBe(53);
  });

  it('waits for two distances of datagrams on a slow path', () => {
    const received = new ReceivedPackets(8_000);
    for (let number = 0; number < 5; number += 1) received.add(number, number * 40_000);
    received.announce(6, 160_000);
    expect(received.nextResolveUs).toBe(160_000 + 80_000);
  });

  it('before the first datagram waits for it', () => {
    const received = new ReceivedPackets(8_000);
    received.announce(1, 0);
    expect(received.nextResolveUs).toBe(50_000);
    expect(received.add(0, 10_000)).toBe('new');
    expect(received.resolve(1e6)).toEqual([]);
  });

  it('of packets that have arrived changes nothing', () => {
    const received = packets(0, 1);
    received.announce(2, 0);
    received.announce(1, 0);
    expect(received.nextResolveUs).toBe(Infinity);
  });

  it('is refused beyond what a sender may have sent', () => {
    expect(packets().announce(MAX_SPAN_PACKETS, 0)).toBe(true);
    expect(packets().announce(MAX_SPAN_PACKETS + 1, 0)).toBe(false);
  });
});
