import { describe, expect, it } from 'vitest';
import { seed } from '../size.js';
import { checkRuns } from './check-runs.js';
import { contentText } from './content.js';
import { Worlds } from './worlds.js';

describe('a server and a client in a chaotic network', () => {
  it('keep their promises, whatever happens', async () => {
    const numbers = await checkRuns(60, seed);
    expect(numbers.cuts).toBeGreaterThan(0);
    expect(numbers['of them done']).toBeGreaterThan(numbers.requests / 4);
  });
});

describe('the possible worlds', () => {
  const upload = { step: { kind: 'upload', name: 'a', size: 1, overwrite: true }, version: 'v1' } as const;
  const stat = { step: { kind: 'stat', name: 'a' }, version: 'v2' } as const;

  it('refuse an answer that cannot be', () => {
    const worlds = new Worlds();
    expect(worlds.takes(stat, { kind: 'failed', code: 'ENOENT', outcomeUnknown: false })).toBe(true);
    expect(worlds.takes(upload, { kind: 'done', value: 'v1' })).toBe(true);
    expect(worlds.takes(stat, { kind: 'failed', code: 'ENOENT', outcomeUnknown: false })).toBe(false);
  });

  it('believe a failure that says that nothing was done', () => {
    const worlds = new Worlds();
    expect(worlds.takes(upload, { kind: 'failed', code: 'ECONNRESET', outcomeUnknown: false })).toBe(true);
    expect(worlds.allows({})).toBe(true);
    expect(worlds.allows({ a: contentText('v1') })).toBe(false);
  });

  it('hold an append once, and refuse ESTALE where nothing can have changed the file', () => {
    const append = { step: { kind: 'append', name: 'a', size: 20 }, version: 'v20' } as const;
    const stale = { kind: 'failed', code: 'ESTALE', outcomeUnknown: false } as const;
    const worlds = new Worlds();
    expect(worlds.takes(append, { kind: 'failed', code: 'ENOENT', outcomeUnknown: false })).toBe(true);
    expect(worlds.takes(upload, { kind: 'done', value: 'v1' })).toBe(true);
    expect(worlds.takes(append, { kind: 'done', value: '21 bytes' })).toBe(true);
    expect(worlds.allows({ a: contentText('v1+v20') })).toBe(true);
    expect(worlds.allows({ a: contentText('v1+v20+v20') })).toBe(false);
    expect(worlds.takes(append, stale)).toBe(false);
  });

  it('are several after a request that may have been done, now or later', () => {
    const worlds = new Worlds();
    expect(worlds.takes(upload, { kind: 'failed', code: 'ECONNRESET', outcomeUnknown: true })).toBe(true);
    expect(worlds.takes(stat, { kind: 'failed', code: 'ENOENT', outcomeUnknown: false })).toBe(true);
    expect(worlds.takes(stat, { kind: 'done', value: '1 bytes' })).toBe(true);
    expect(worlds.takes(stat, { kind: 'failed', code: 'ENOENT', outcomeUnknown: false })).toBe(false);
  });
});
