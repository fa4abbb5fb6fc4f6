import { describe, expect, it } from 'vitest';
import { datagramTypes, emptyHeader } from '../../src/udp/datagram.js';
import { UdpReceiver, reportIntervalUs } from '../../src/udp/udp-receiver.js';

const settings = { connectionId: 7, rttUs: 80_000, extraBytes: 8 };

function header(packetNumber: number, sendTimeUs = 0) {
  const place = { connectionId: 7, packetNumber, channelId: 1, sendTimeUs };
  return { ...emptyHeader(), ...place, type: datagramTypes.data, payloadLength: 100 };
}

describe('a receiver of datagrams', () => {
  it('tells new, doubled and foreign datagrams apart', () => {
    const receiver = new UdpReceiver(settings);
    expect(receiver.onDatagram(header(0), 0)).toBe('new');
    expect(receiver.onDatagram(header(0), 0)).toBe('duplicate');
    expect(receiver.onDatagram({ ...header(1), connectionId: 8 }, 0)).toBe('rejected');
    expect(receiver.onDatagram(header(1e6), 0)).toBe('rejected');
    expect(receiver.report(0)).toMatchObject({ resolvedTo: 1, bytesReceived: 136, gaps: [] });
  });

  it('has nothing to report before anything has arrived, and nothing twice', () => {
    const receiver = new UdpReceiver(settings);
    expect(receiver.nextReportUs).toBe(Infinity);
    expect(receiver.report(0)).toBeUndefined();
    receiver.onDatagram(header(0), 10);
    expect(receiver.nextReportUs).toBe(-Infinity);
    expect(receiver.report(10)).toBeDefined();
    expect(receiver.nextReportUs).toBe(Infinity);
    expect(receiver.report(1e9)).toBeUndefined();
  });

  it('reports at intervals, and sooner after enough bytes', () => {
    const receiver = new UdpReceiver({ ...settings, bytesPerReport: 1_000 });
    receiver.onDatagram(header(0), 0);
    receiver.report(0);
    receiver.onDatagram(header(1), 5);
    expect(receiver.nextReportUs).toBe(20_000);
    for (let number = 2; number < 10; number += 1) receiver.onDatagram(header(number), 5);
    expect(receiver.nextReportUs).toBe(-Infinity);
  });

  it('reports the times of the last datagram and the smallest delay, modulo 2^32', () => {
    const receiver = new UdpReceiver(settings);
    const wrapUs = 2 ** 32;
    receiver.onDatagram(header(0, 2 ** 32 - 1_000), wrapUs + 500);
    receiver.onDatagram(header(1, 100), wrapUs + 1_400);
    receiver.onDatagram(header(2, 200), wrapUs + 1_900);
    expect(receiver.report(wrapUs + 2_000)).toEqual({
      resolvedTo: 3,
      bytesReceived: 3 * 136,
      lastArrivalUs: 1_900,
      lastSendTimeUs: 200,
      minOwdUs: 1_300,
      holdUs: 100,
      gaps: [],
    });
  });

  it('reports lost packets of which nothing else has arrived', () => {
    const receiver = new UdpReceiver(settings);
    receiver.onSenderReport(3, 0);
    expect(receiver.report(receiver.nextReportUs)).toMatchObject({ gaps: [[0, 3]], minOwdUs: undefined });
  });

  it.each([-1, 1.5, NaN, 1e6])('refuses a sender report of %d packets', (sentTo) => {
    expect(() => new UdpReceiver(settings).onSenderReport(sentTo, 0)).toThrow('EPROTO: The sender report');
  });

  it.each([
    [1_000, 10_000],
    [100_000, 25_000],
    [1e6, 50_000],
  ])('with a round trip of %i us reports each %i us', (rttUs, intervalUs) => {
    expect(reportIntervalUs(rttUs)).toBe(intervalUs);
  });
});
