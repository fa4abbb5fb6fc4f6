/** For tests of synchronous calls, which a busy machine would move to threads. */
import { vi } from 'vitest';
import { SyncCallGate } from '../../../src/sync-fs/sync-call-gate.js';

/** Counts every synchronous call as short until mocks are restored. The gate has its own tests in `test/sync-fs/`. */
export function everyCallIsShort(): void {
  vi.spyOn(SyncCallGate.prototype, 'record').mockReturnValue(undefined);
}
