/**
 * Tells how far an upload came, by the same files as `resume-in-tree.ts`. Only reads: the upload may be in use by this
 * process or by another one, and the time of its last change, from which it expires, stays.
 */
import { hasErrno } from '../../../fs/errno.js';
import { splitPath, type RemotePath } from '../../../protocol/remote-path.js';
import type { StorageUploadStatus } from '../../storage.js';
import { isSameFile } from '../calls/file-entry.js';
import type { DirectoryContext } from '../directory-context.js';
import { readRecord } from '../parts/commit-record.js';
import { partName, type PartPaths } from '../parts/part-folders.js';
import { committedResult, statReachable } from '../files/resume-in-tree.js';

/** Finds an upload; undefined if it is unknown or has expired. */
export async function uploadStatusInTree(
  context: DirectoryContext,
  path: RemotePath,
  uploadId: string,
): Promise<StorageUploadStatus | undefined> {
  const { parts, resolver } = context;
  try {
    return await resolver.inParent(path, (directory) =>
      parts.peek({ directory, path: splitPath(path).directory }, partName(uploadId, path), (paths) =>
        statusOf(context, path, paths),
      ),
    );
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

async function statusOf(
  context: DirectoryContext,
  path: RemotePath,
  paths: PartPaths,
): Promise<StorageUploadStatus | undefined> {
  const { calls, parts } = context;
  const part = await calls.lstatIfAny(paths.path);
  const target = await statReachable(context, path);
  const isCommitted = !part || (target !== undefined && isSameFile(part, target.stats));
  if (isCommitted) {
    const recorded = await readRecord(calls, paths.recordPath);
    if (!recorded || parts.isExpired(recorded.changedMs)) return undefined;
    return committedResult(recorded.record, path, target);
  }
  // A file with another name elsewhere was committed.
  if (!part.isFile() || part.nlink > 1n || parts.isExpired(part.ctimeMs)) return undefined;
  return {
    kind: 'suspended',
    bytes: Number(part.size),
    expiresInMs: parts.expiresInMs(part.ctimeMs),
  };
}
