/** For tests of what is done without threads, which a busy machine would leave to threads. */
import { vi } from 'vitest';
import { SyncCallGate } from '../../src/sync-fs/sync-call-gate.js';

/** Counts every direct call as a short one until mocks are restored. The gate itself is tested in `test/files/`. */
export function everyCallIsShort(): void {
  vi.spyOn(SyncCallGate.prototype, 'record').mockReturnValue(undefined);
}
