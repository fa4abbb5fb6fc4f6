/** The directories that a recursive `mkdir` would create. */
import { TransferError } from '../../errors.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';

/** A path and its parents, as far as they do not exist; the deepest first. */
export async function missingDirectories(storage: Storage, path: RemotePath): Promise<RemotePath[]> {
  const missing: RemotePath[] = [];
  for (let at = path; at !== REMOTE_ROOT && !(await exists(storage, at)); at = splitPath(at).directory)
    missing.push(at);
  return missing;
}

async function exists(storage: Storage, path: RemotePath): Promise<boolean> {
  try {
    await storage.stat(path);
    return true;
  } catch (thrown) {
    const error = TransferError.from(thrown);
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
    throw error;
  }
}
