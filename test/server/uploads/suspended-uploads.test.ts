import { expect, it } from 'vitest';
import { BodyChecksum } from '../../../src/protocol/body-checksum.js';
import { parseRemotePath } from '../../../src/protocol/remote-path.js';
import { SuspendedUploads } from '../../../src/server/uploads/suspended-uploads.js';
import type { PendingFile } from '../../../src/storage/storage.js';

const path = parseRemotePath('log');

/** Suspends uploads one after the other; returns the ids of those that were discarded. */
function discardedOf(count: number, append: boolean): string[] {
  const uploads = new SuspendedUploads({ maxSuspendedUploads: 1_000, suspendedExpiryMs: 1_000 });
  const discarded: string[] = [];
  for (let index = 0; index < count; index++) {
    const discard = async (): Promise<void> => void discarded.push(String(index));
    const pending = { discard } as unknown as PendingFile;
    const held = { pending, bytes: 1, append, overwrite: true, ifMatch: 'etag' };
    uploads.keep(String(index), { path, check: new BodyChecksum('none'), held });
  }
  return discarded;
}

it('at most 16 suspended appends are held, because each keeps a file open; the oldest are discarded', () => {
  expect(discardedOf(20, true)).toEqual(['0', '1', '2', '3']);
});

it('other held uploads are limited by maxSuspendedUploads only', () => {
  const uploads = new SuspendedUploads({ maxSuspendedUploads: 1_000, suspendedExpiryMs: 1_000 });
  const pending = { discard: async () => expect.unreachable() } as unknown as PendingFile;
  for (let index = 0; index < 20; index++) {
    const held = { pending, bytes: 1, append: false, overwrite: true, ifMatch: undefined };
    uploads.keep(String(index), { path, check: new BodyChecksum('none'), held });
  }
  expect(uploads.take('0', path)?.held?.append).toBe(false);
});
