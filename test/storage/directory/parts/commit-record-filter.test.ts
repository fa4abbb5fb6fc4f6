import { describe, expect, it } from 'vitest';
import { CommitRecordFilter } from '../../../../src/storage/directory/parts/commit-record-filter.js';

const [name, near, far] = ['00ff'.padEnd(32, '0'), '00ff'.padEnd(32, '1'), 'ff00'.padEnd(32, '0')] as const;

describe('a commit record filter', () => {
  it('accepts no name before one is added', () => {
    const hints = new CommitRecordFilter();
    expect([name, far].map((one) => hints.has(one))).toEqual([false, false]);
  });

  it('accepts every added name, and names with the same prefix', () => {
    const hints = new CommitRecordFilter();
    hints.add(name);
    expect([name, near, far].map((one) => hints.has(one))).toEqual([true, true, false]);
    hints.add(far);
    expect(hints.has(far)).toBe(true);
  });

  it('rejects names with another prefix', () => {
    const hints = new CommitRecordFilter();
    const names = Array.from({ length: 0x1_0000 }, (_, index) => index.toString(16).padStart(4, '0'));
    for (const one of names) if (Number.parseInt(one, 16) % 3 === 0) hints.add(one);
    expect(names.every((one) => hints.has(one) === (Number.parseInt(one, 16) % 3 === 0))).toBe(true);
  });
});
