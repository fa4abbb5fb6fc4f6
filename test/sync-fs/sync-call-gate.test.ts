import { describe, expect, it } from 'vitest';
import { SyncCallGate } from '../../src/sync-fs/sync-call-gate.js';

describe('the gate of synchronous calls', () => {
  it('closes while calls are slow', () => {
    const gate = new SyncCallGate({ isLocal: () => true });
    expect(gate.allows(performance.now())).toBe(true);
    // Time that other programs used before the first call does not count.
    for (let call = 0; call < 2; call++) gate.record(performance.now() - 1_000);
    expect(gate.allows(performance.now())).toBe(false);
  });

  it('stays open for calls whose time is proportional to their bytes', () => {
    const gate = new SyncCallGate({ isLocal: () => true });
    // A second for so many bytes is fast, and for a few of them it is not.
    const bytes = 600 * 1024 * 1024;
    for (let call = 0; call < 5; call++) gate.record(performance.now() - 1_000, bytes);
    expect(gate.allows(performance.now())).toBe(true);
    for (let call = 0; call < 2; call++) gate.record(performance.now() - 1_000, 1024);
    expect(gate.allows(performance.now())).toBe(false);
  });

  it('closes as soon as the root is no longer local', () => {
    let isLocal = true;
    const gate = new SyncCallGate({ isLocal: () => isLocal });
    expect(gate.allows(0)).toBe(true);
    isLocal = false;
    expect(gate.allows(0)).toBe(false);
  });
});
