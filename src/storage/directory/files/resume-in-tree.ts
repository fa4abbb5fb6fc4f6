/**
 * Resumes an upload. The private folder of its directory, and the path, show how far it came, whenever its process died:
 *
 *     part file   record    at the path
 *     exists      exists    the part file itself    committed by a link; only the part file was not removed yet
 *     exists      any       any other file          suspended
 *     missing     exists    any                     committed
 *     missing     missing   any                     unknown
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { splitPath, type RemotePath } from '../../../protocol/remote-path.js';
import type { StorageResumeOptions, ResumeResult } from '../../storage.js';
import { checkWriteOptions } from '../../write-options.js';
import { committedEntry, readRecord, type CommitRecord } from '../parts/commit-record.js';
import type { Stats } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import { PartFile } from './part-file.js';
import { partName, type Part, type PartPaths } from '../parts/part-folders.js';
import type { DirectoryContext } from '../directory-context.js';
import { checkTarget, statTarget, type Target } from './target.js';

/** Finds an upload; undefined if it is unknown or has expired. */
export async function resumeInTree(
  context: DirectoryContext,
  path: RemotePath,
  options: StorageResumeOptions,
): Promise<ResumeResult | undefined> {
  checkWriteOptions(path, options);
  const found = await reopen(context, path, options);
  if (!found) return undefined;
  const { fd, ...paths } = found;
  if (fd !== undefined) {
    return new ReopenedPart(context, { path, options, part: { ...paths, fd } }).resume();
  }
  try {
    const recorded = await readRecord(context.calls, paths.recordPath);
    if (!recorded || context.parts.isExpired(recorded.changedMs)) return undefined;
    return committedResult(recorded.record, path, await statReachable(context, path));
  } finally {
    await context.parts.release(paths);
  }
}

/** Opens the part file of an upload; undefined if its directory cannot be reached, or has no private folder. */
async function reopen(
  { parts, resolver }: DirectoryContext,
  path: RemotePath,
  { uploadId }: StorageResumeOptions,
): Promise<(PartPaths & { fd: number | undefined }) | undefined> {
  try {
    return await resolver.inParent(path, (directory) =>
      parts.reopen({ directory, path: splitPath(path).directory }, partName(uploadId, path)),
    );
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** What is told of a committed upload. */
export function committedResult(
  record: CommitRecord,
  path: RemotePath,
  target: Target | undefined,
): ResumeResult & { kind: 'committed' } {
  const { commitToken } = record;
  return { kind: 'committed', entry: committedEntry(record, path, target), commitToken };
}

/** As `statTarget`; undefined also if the path cannot be reached. */
export async function statReachable(
  context: DirectoryContext,
  path: RemotePath,
): Promise<Target | undefined> {
  try {
    return await statTarget(context, path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** An existing part file that was opened again. */
class ReopenedPart {
  readonly #context: DirectoryContext;
  readonly #path: RemotePath;
  readonly #options: StorageResumeOptions;
  readonly #part: Part;
  #isOwner = true;

  constructor(
    context: DirectoryContext,
    { path, options, part }: { path: RemotePath; options: StorageResumeOptions; part: Part },
  ) {
    this.#context = context;
    this.#path = path;
    this.#options = options;
    this.#part = part;
  }

  async resume(): Promise<ResumeResult | undefined> {
    const { calls, parts } = this.#context;
    try {
      const stats = await calls.fstat(this.#part.fd);
      if (!stats.isFile()) throw new TransferError('EACCES', 'The part file is not a regular file.');
      const target = await statReachable(this.#context, this.#path);
      if (target && isSameFile(stats, target.stats)) return await this.#finishCommit(target);
      // A file with another name elsewhere was committed and must not be written to.
      if (stats.nlink > 1n || parts.isExpired(stats.ctimeMs)) return await this.#remove();
      return await this.#continue(stats);
    } finally {
      if (this.#isOwner) await this.#close();
    }
  }

  /** The upload was committed by a link, and the process died before it removed the part file. */
  async #finishCommit(target: Target): Promise<ResumeResult | undefined> {
    const { calls } = this.#context;
    const recorded = await readRecord(calls, this.#part.recordPath);
    await calls.unlink(this.#part.path);
    if (!recorded) return undefined;
    // The removal has changed the ctime, which is a part of the etag.
    const committed = (await statReachable(this.#context, this.#path)) ?? target;
    return committedResult(recorded.record, this.#path, committed);
  }

  async #continue(stats: Stats): Promise<ResumeResult> {
    try {
      checkTarget(await statTarget(this.#context, this.#path), this.#options);
    } catch (error) {
      if (hasErrno(error, 'EISDIR', 'EEXIST', 'ESTALE')) await this.#remove();
      throw error;
    }
    // A commit that did not reach the rename left this record; without the part file it would report a commit.
    await unlessMissing(this.#context.calls.unlink(this.#part.recordPath));
    this.#isOwner = false;
    const opened = { options: this.#options, part: this.#part, stats };
    const pending = PartFile.reopened(this.#context, this.#path, opened);
    return { kind: 'pending', pending, bytes: Number(stats.size) };
  }

  async #remove(): Promise<undefined> {
    await unlessMissing(this.#context.calls.unlink(this.#part.recordPath));
    await unlessMissing(this.#context.calls.unlink(this.#part.path));
  }

  async #close(): Promise<void> {
    // Nothing was written through the descriptor, so a failure loses nothing.
    await this.#context.calls.close(this.#part.fd).catch(() => undefined);
    await this.#context.parts.release(this.#part);
  }
}
