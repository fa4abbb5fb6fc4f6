/** Whether a file of the server is the version of a plan. */
import type { FileEntry } from '../../../../protocol/entry.js';
import { isWeakEtag } from '../../../../protocol/weak-etag.js';
import type { SyncVersion } from '../../sync-action.js';
import { isVersion } from '../target/sync-target.js';

/** The etag of a version, if it can be a condition. */
export function strongEtag({ etag }: SyncVersion): string | undefined {
  return etag === undefined || isWeakEtag(etag) ? undefined : etag;
}

export function isPlanned(planned: SyncVersion, { kind, size, mtime, etag }: FileEntry): boolean {
  const wanted = strongEtag(planned);
  if (wanted !== undefined && etag !== undefined) return etag === wanted;
  return kind === 'file' && isVersion(planned, { size, mtimeMs: mtime.getTime() });
}
