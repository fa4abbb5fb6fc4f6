import { describe, expect, it } from 'vitest';
import { MAX_REPORTED_GAPS, checkReport, type Gap, type ReceiverReport } from '../../src/udp/report.js';

const bounds = { resolvedTo: 10, bytesReceived: 1_000, sentTo: 20, bytesSent: 2_000 };
const report: ReceiverReport = {
  resolvedTo: 20,
  bytesReceived: 1_500,
  lastArrivalUs: 2 ** 32 - 1,
  lastSendTimeUs: 0,
  minOwdUs: -(2 ** 31),
  holdUs: 0,
  gaps: [
    [10, 2],
    [15, 5],
  ],
};

describe('a receiver report', () => {
  it('is accepted at its bounds', () => {
    expect(() => checkReport(report, bounds)).not.toThrow();
    const unchanged = { ...report, resolvedTo: 10, bytesReceived: 1_000, minOwdUs: undefined, gaps: [] };
    expect(() => checkReport(unchanged, bounds)).not.toThrow();
    expect(() => checkReport({ ...report, bytesReceived: 2_000, gaps: [] }, bounds)).not.toThrow();
  });

  it.each<[string, Partial<ReceiverReport>]>([
    ['goes backwards', { resolvedTo: 9, gaps: [] }],
    ['has packets that were not sent', { resolvedTo: 21, gaps: [] }],
    ['has fewer bytes than before', { bytesReceived: 999 }],
    ['has more bytes than were sent', { bytesReceived: 2_001 }],
    ['has half a packet', { resolvedTo: 15.5, gaps: [] }],
    ['has no number', { bytesReceived: NaN }],
    ['has a time beyond 32 bits', { lastArrivalUs: 2 ** 32 }],
    ['has a negative time', { lastSendTimeUs: -1 }],
    ['has a delay beyond 32 bits', { minOwdUs: 2 ** 31 }],
    ['has an endless hold', { holdUs: Infinity }],
    ['tells the fate of a packet again', { gaps: [[9, 1]] }],
    ['has a gap beyond its end', { gaps: [[15, 6]] }],
    ['has an empty gap', { gaps: [[15, 0]] }],
    ['has gaps that overlap', { gaps: [[10, 5], [14, 2]] }], // prettier-ignore
    ['has gaps in another order', { gaps: [[15, 1], [10, 1]] }], // prettier-ignore
  ])('is a violation of the protocol if it %s', (_, change) => {
    expect(() => checkReport({ ...report, ...change }, bounds)).toThrow(/^EPROTO: In a receiver report/);
  });

  it('has a limited number of gaps', () => {
    const gaps = (count: number): Gap[] => Array.from({ length: count }, (_, index) => [10 + 2 * index, 1]);
    const wide = { ...bounds, sentTo: 10_000 };
    const many = { ...report, resolvedTo: 10_000 };
    expect(() => checkReport({ ...many, gaps: gaps(MAX_REPORTED_GAPS) }, wide)).not.toThrow();
    expect(() => checkReport({ ...many, gaps: gaps(MAX_REPORTED_GAPS + 1) }, wide)).toThrow('number of gaps');
  });
});
