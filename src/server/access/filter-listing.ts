/** What a listing shows to whom: entries that somebody may list, and none of a directory that they may not. */
import type { FileEntry } from '../../protocol/entry.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import type { AccessControl } from './access-control.js';

/** The entries that may be listed. Parents must come before what they hold. `check` throws when nobody asks any more. */
export async function* filterListing(
  entries: AsyncIterable<FileEntry>,
  access: AccessControl,
  check: () => void,
): AsyncGenerator<FileEntry> {
  const hidden = new Set<RemotePath>();
  for await (const entry of entries) {
    check();
    if (isBelow(hidden, entry.path)) continue;
    if (await access.permits('list', entry.path)) yield entry;
    else if (entry.kind === 'directory') hidden.add(entry.path);
  }
}

function isBelow(directories: ReadonlySet<RemotePath>, path: RemotePath): boolean {
  if (directories.size === 0) return false;
  for (let at = path; at !== REMOTE_ROOT; at = splitPath(at).directory) {
    if (directories.has(splitPath(at).directory)) return true;
  }
  return false;
}
