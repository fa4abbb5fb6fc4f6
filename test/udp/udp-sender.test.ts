import { describe, expect, it } from 'vitest';
import type { BodyPiece } from '../../src/udp/body-source.js';
import { emptyHeader, parseDatagram } from '../../src/udp/datagram.js';
import type { ReceiverReport } from '../../src/udp/report.js';
import { UdpSender } from '../../src/udp/udp-sender.js';
import type { UdpSenderSettings } from '../../src/udp/udp-sender-options.js';

const RTT_US = 20_000;
const TOKEN = Buffer.from('8 bytes!');

interface Sent {
  readonly number: number;
  readonly channelId: number;
  readonly offset: number;
  readonly payload: string;
}

/** A sender of pieces that the test gives it, ten bytes in a datagram. */
function setUp(settings: Partial<UdpSenderSettings> = {}) {
  const pieces: BodyPiece[] = [];
  const resent: number[] = [];
  const sent: Sent[] = [];
  const socket = { isFull: false };
  const sender = new UdpSender({
    datagramBytes: 28 + 8 + 10,
    connectionId: 5,
    source: { take: () => pieces.shift(), onResent: (bytes) => resent.push(bytes) },
    emit: (datagram) => {
      const header = emptyHeader();
      expect(parseDatagram(datagram, TOKEN.length, header)).toBe(true);
      expect(datagram.subarray(28, 36).equals(TOKEN)).toBe(true);
      const { packetNumber: number, channelId, offset } = header;
      sent.push({ number, channelId, offset, payload: datagram.subarray(36).toString() });
      return !socket.isFull;
    },
    settings: { rttUs: RTT_US, token: TOKEN, random: () => 0.5, ...settings },
  });
  const give = (channelId: number, offset: number, text: string) => {
    pieces.push({ channelId, offset, bytes: Buffer.from(text) });
  };
  return { sender, give, sent, resent, socket };
}

function reportOf(resolvedTo: number, gaps: ReceiverReport['gaps'] = []): ReceiverReport {
  const times = { lastArrivalUs: 0, lastSendTimeUs: 0, minOwdUs: undefined, holdUs: 0 };
  return { resolvedTo, bytesReceived: 0, ...times, gaps };
}

/** Long enough for the bucket to be full. */
function sendAll(sender: UdpSender, fromUs: number): void {
  for (let us = fromUs; us < fromUs + 10_000; us += 1_000) sender.send(us);
}

describe('a sender of datagrams', () => {
  it('sends payloads with their places, and waits for more', () => {
    const { sender, give, sent } = setUp();
    give(1, 0, 'first');
    give(2, 100, 'second');
    sendAll(sender, 0);
    expect(sent).toEqual([
      { number: 0, channelId: 1, offset: 0, payload: 'first' },
      { number: 1, channelId: 2, offset: 100, payload: 'second' },
    ]);
    expect(sender.stats).toMatchObject({ sentDatagrams: 2, resentDatagrams: 0, inflightBytes: 2 * 36 + 11 });
  });

  it('sends a lost payload again first, with a new number', () => {
    const { sender, give, sent } = setUp();
    for (const [index, text] of ['a', 'b', 'c'].entries()) give(1, index, text);
    sendAll(sender, 0);
    sender.onReport(reportOf(3, [[1, 1]]), 20_000);
    give(1, 3, 'd');
    sendAll(sender, 20_000);
    expect(sent.slice(3)).toEqual([
      { number: 3, channelId: 1, offset: 1, payload: 'b' },
      { number: 4, channelId: 1, offset: 3, payload: 'd' },
    ]);
    expect(sender.stats).toMatchObject({ lostDatagrams: 1, resentDatagrams: 1 });
  });

  it('tells its source how many bytes it sends again, each time', () => {
    const { sender, give, resent } = setUp();
    for (const [index, text] of ['ab', 'cde', 'f'].entries()) give(1, 3 * index, text);
    sendAll(sender, 0);
    expect(resent).toEqual([]);
    sender.onReport(reportOf(3, [[0, 2]]), 20_000);
    sendAll(sender, 20_000);
    expect(resent).toEqual([2, 3]);
    sender.onReport(reportOf(5, [[4, 1]]), 40_000);
    sendAll(sender, 40_000);
    expect(resent).toEqual([2, 3, 3]);
  });

  it('keeps what has not been reported, and no more', () => {
    const { sender, give } = setUp();
    give(2, 5, 'b');
    give(1, 9, 'a');
    give(1, 0, 'c');
    sendAll(sender, 0);
    const kept = () =>
      sender.unacknowledged().map(({ channelId, offset, bytes }) => [channelId, offset, String(bytes)]);
    expect(kept()).toEqual([[1, 0, 'c'], [1, 9, 'a'], [2, 5, 'b']]); // prettier-ignore
    sender.onReport(reportOf(2, [[0, 1]]), 20_000);
    expect(kept()).toEqual([[1, 0, 'c'], [2, 5, 'b']]); // prettier-ignore
    sendAll(sender, 20_000);
    sender.onReport(reportOf(4), 40_000);
    expect(kept()).toEqual([]);
    expect(sender.stats).toMatchObject({ retainedBytes: 0, inflightBytes: 0 });
    expect(sender.fallBackReason(1e9)).toBeUndefined();
  });

  it('does not send the payloads of a dropped channel again', () => {
    const { sender, give, sent } = setUp();
    for (const channelId of [1, 2, 1, 2]) give(channelId, 0, 'x');
    sendAll(sender, 0);
    sender.onReport(reportOf(2, [[0, 2]]), 20_000);
    sender.drop(1);
    sender.onReport(reportOf(4, [[2, 2]]), 20_001);
    sendAll(sender, 30_000);
    expect(sent.slice(4).map(({ channelId }) => channelId)).toEqual([2, 2]);
    expect(sender.unacknowledged()).toHaveLength(2);
  });

  it('tells once how much it has sent when it has nothing more', () => {
    const { sender, give } = setUp();
    sendAll(sender, 0);
    expect(sender.senderReport(10_000)).toBeUndefined();
    give(1, 0, 'a');
    sender.send(10_000);
    expect(sender.senderReport(10_000)).toBe(1);
    give(1, 1, 'b');
    expect(sender.send(10_500)).toBe(19_500);
    expect(sender.senderReport(29_999)).toBeUndefined();
    expect(sender.senderReport(30_000)).toBe(2);
    expect(sender.send(1e6)).toBe(Infinity);
    expect(sender.senderReport(1e6)).toBeUndefined();
  });

  it('stops while the queue of the socket is full', () => {
    const { sender, give, sent, socket } = setUp();
    sender.send(0);
    for (let index = 0; index < 3; index += 1) give(1, index, 'x');
    socket.isFull = true;
    expect(sender.send(5_000)).toBe(1_000);
    expect(sent).toHaveLength(1);
    socket.isFull = false;
    sender.send(6_000);
    expect(sent).toHaveLength(3);
  });

  it.each([
    ['bytes in flight', { localInflightBytes: 100 }, 2],
    ['memory', { maxRetainedBytes: 3 * 46 }, 3],
  ])('keeps to its limit of %s', (_, settings, count) => {
    const { sender, give, sent } = setUp(settings);
    for (let index = 0; index < 9; index += 1) give(1, 10 * index, 'ten bytes.');
    sendAll(sender, 0);
    expect(sent).toHaveLength(count);
    sender.onReport(reportOf(count), 20_000);
    sendAll(sender, 20_000);
    expect(sent).toHaveLength(2 * count);
  });

  it('sends nothing new while the memory of all senders is used up', () => {
    const retained = { left: 0, take: (bytes: number) => (retained.left -= bytes) };
    const { sender, give, sent } = setUp({ retained });
    for (let index = 0; index < 9; index += 1) give(1, 10 * index, 'ten bytes.');
    sendAll(sender, 0);
    expect(sent).toHaveLength(0);
    // Memory is taken in chunks of many slots.
    retained.left = 100_000;
    sendAll(sender, 20_000);
    expect(sent).toHaveLength(9);
    expect(retained.left).toBeGreaterThan(0);
    expect(retained.left).toBeLessThan(40_000);
    retained.left = 0;
    sender.onReport(reportOf(9, [[2, 3]]), 40_000);
    sendAll(sender, 40_000);
    // What was lost needs no more memory.
    expect(sent).toHaveLength(12);
    sender.onReport(reportOf(12), 60_000);
    // What is spare stays for the next bytes.
    expect(retained.left).toBe(0);
  });

  it.each([1, 0, 2 ** 32 - 1])(
    'keeps to its maximum rate whatever the times of reports say: steps of %i',
    (stepUs) => {
      const maxRate = 100_000;
      const { sender, give } = setUp({ maxRate });
      const limits: number[] = [];
      for (let us = 0, offset = 0; us < 2_000_000; us += 1_000) {
        for (; sender.stats.sentDatagrams * 10 + 200 > offset; offset += 10) give(1, offset, 'ten bytes.');
        sender.send(us);
        const { sentDatagrams, sentBytes, rate, bandwidth, inflightBytes } = sender.stats;
        limits.push(rate, bandwidth, inflightBytes);
        // All has arrived at once, after ever longer ways, by a clock that shows any rate.
        const clock = (us * stepUs) >>> 0;
        const times = { lastArrivalUs: clock, lastSendTimeUs: clock, minOwdUs: (us * 1_000) | 0, holdUs: 0 };
        sender.onReport({ resolvedTo: sentDatagrams, bytesReceived: sentBytes, ...times, gaps: [] }, us);
      }
      expect(limits.every((limit) => Number.isFinite(limit) && limit >= 0)).toBe(true);
      // With what may leave at once.
      expect(sender.stats.sentBytes).toBeLessThan(2.1 * maxRate + 10_000);
      expect(sender.stats.sentBytes).toBeGreaterThan(1_000);
    },
  );

  it('refuses reports that cannot be true, without a change', () => {
    const { sender, give } = setUp();
    give(1, 0, 'a');
    sendAll(sender, 0);
    expect(() => sender.onReport(reportOf(2), 20_000)).toThrow('EPROTO');
    expect(() => sender.onReport({ ...reportOf(1), bytesReceived: 38 }, 20_000)).toThrow('EPROTO');
    expect(sender.unacknowledged()).toHaveLength(1);
    expect(sender.snapshot()).toBeUndefined();
  });
});
