import { describe, expect, it } from 'vitest';
import { SyncCallGate } from '../../src/sync-fs/sync-call-gate.js';

describe('a gate', () => {
  it('is closed while calls come back slowly', () => {
    const gate = new SyncCallGate({ isLocal: () => true });
    expect(gate.allows(performance.now())).toBe(true);
    // What other programs took before the first one is nobody's fault.
    for (let call = 0; call < 2; call++) gate.record(performance.now() - 1_000);
    expect(gate.allows(performance.now())).toBe(false);
  });

  it('stays open for calls that take as long as their bytes do', () => {
    const gate = new SyncCallGate({ isLocal: () => true });
    // A second for so many bytes is fast, and for a few of them it is not.
    const bytes = 600 * 1024 * 1024;
    for (let call = 0; call < 5; call++) gate.record(performance.now() - 1_000, bytes);
    expect(gate.allows(performance.now())).toBe(true);
    for (let call = 0; call < 2; call++) gate.record(performance.now() - 1_000, 1024);
    expect(gate.allows(performance.now())).toBe(false);
  });

  it('is closed as soon as the root is not local any more', () => {
    let isLocal = true;
    const gate = new SyncCallGate({ isLocal: () => isLocal });
    expect(gate.allows(0)).toBe(true);
    isLocal = false;
    expect(gate.allows(0)).toBe(false);
  });
});
