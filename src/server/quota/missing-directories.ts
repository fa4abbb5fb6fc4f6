/** Which directories are not there: those that `mkdir` with `recursive` would make. */
import { TransferError } from '../../errors.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';

/** A path and those above it, as far as nothing is there; the lowest first. */
export async function missingDirectories(storage: Storage, path: RemotePath): Promise<RemotePath[]> {
  const missing: RemotePath[] = [];
  for (let at = path; at !== REMOTE_ROOT && !(await isThere(storage, at)); at = splitPath(at).directory)
    missing.push(at);
  return missing;
}

async function isThere(storage: Storage, path: RemotePath): Promise<boolean> {
  try {
    await storage.stat(path);
    return true;
  } catch (thrown) {
    const error = TransferError.from(thrown);
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
    throw error;
  }
}
