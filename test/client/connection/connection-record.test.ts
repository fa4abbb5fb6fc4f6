import { describe, expect, it } from 'vitest';
import { ConnectionRecord } from '../../../src/client/connection/connection-record.js';
import { TransferError } from '../../../src/errors.js';

const reset = new TransferError('ECONNRESET');
const damaged = new TransferError('EBADMSG');

/** The record of a connection that has lasted this long, with a `maxDelayMs` of 10 s. */
function lasting(ms: number): ConnectionRecord {
  let now = 0;
  const record = new ConnectionRecord(10_000, () => now);
  record.onOpen();
  now = ms;
  return record;
}

describe('ConnectionRecord', () => {
  it.each<[string, { useful: boolean; ms: number; work?: (record: ConnectionRecord) => void }]>([
    ['no progress', { useful: false, ms: 9_999 }],
    ['no progress, but a long life', { useful: true, ms: 10_000 }],
    ['a few bytes', { useful: false, ms: 999, work: (record) => record.onBytes(3) }],
    ['a few bytes in a second', { useful: true, ms: 1_000, work: (record) => record.onBytes(3) }],
    ['many bytes', { useful: true, ms: 1, work: (record) => record.onBytes(65_536) }],
    ['an answer', { useful: true, ms: 1, work: (record) => record.onAnswer() }],
  ])('tells whether a connection with %s was useful', (_, { useful, ms, work }) => {
    const record = lasting(ms);
    work?.(record);
    expect(record.wasUseful(reset)).toBe(useful);
    expect(record.wasUseful(undefined)).toBe(useful);
  });

  it('of a connection that was never open is not useful', () => {
    expect(new ConnectionRecord(0, () => 1e9).wasUseful(reset)).toBe(false);
  });

  it('counts progress that ended with a violation only after a long life', () => {
    const brief = lasting(9_999);
    brief.onAnswer();
    expect([brief.wasUseful(damaged), brief.countsProgress(damaged)]).toEqual([false, false]);
    expect(brief.countsProgress(reset)).toBe(true);
    const long = lasting(10_000);
    expect([long.wasUseful(damaged), long.countsProgress(damaged)]).toEqual([true, true]);
  });
});
