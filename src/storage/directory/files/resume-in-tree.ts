/**
 * Going on with a version: what the private folder and the path show of it, whenever its process died.
 *
 *     part     record   under the path
 *     there    there    the part itself    committed by a link; only the part was not removed yet
 *     there    any      something else     pending
 *     gone     there    any                committed
 *     gone     gone     any                nothing is known
 */
import { TransferError } from '../../../errors.js';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { StorageResumeOptions, ResumeResult } from '../../storage.js';
import { checkWriteOptions } from '../../write-options.js';
import { committedEntry, readRecord, type CommitRecord } from '../parts/commit-record.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { isSameFile } from '../calls/file-entry.js';
import { PartFile } from './part-file.js';
import { partName, type Part } from '../parts/part-folder.js';
import type { DirectoryContext } from '../directory-context.js';
import { replaceable, statTarget } from './target.js';

/** What is known of a version; undefined if nothing is, or if it has expired. */
export async function resumeInTree(
  site: DirectoryContext,
  path: RemotePath,
  options: StorageResumeOptions,
): Promise<ResumeResult | undefined> {
  checkWriteOptions(path, options);
  await site.tree.checkAddressable(path);
  const found = await site.parts.reopen(partName(options.uploadId, path));
  if (!found) return undefined;
  const { fd, ...part } = found;
  if (fd !== undefined) return new Reopened(site, { path, options, part: { ...part, fd } }).resumption();
  try {
    return await committed(site, path, part.recordPath);
  } finally {
    await site.parts.release(part);
  }
}

async function committed(
  site: DirectoryContext,
  path: RemotePath,
  recordPath: string,
): Promise<ResumeResult | undefined> {
  const found = await readRecord(site.calls, recordPath);
  if (!found || site.parts.isExpired(found.changedMs)) return undefined;
  return told(found.record, path, await targetOf(site, path));
}

function told(record: CommitRecord, path: RemotePath, target: Stats | undefined): ResumeResult {
  return { kind: 'committed', entry: committedEntry(record, path, target), commitToken: record.commitToken };
}

/** What is under a path now, if anything is. */
async function targetOf({ calls, tree }: DirectoryContext, path: RemotePath): Promise<Stats | undefined> {
  try {
    return await tree.inParent(path, (directory, name) => calls.lstat(directory.at(name)));
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** A part that is there, and open. */
class Reopened {
  readonly #site: DirectoryContext;
  readonly #calls: FileCalls;
  readonly #path: RemotePath;
  readonly #options: StorageResumeOptions;
  readonly #part: Part;
  #isOpen = true;

  constructor(site: DirectoryContext, what: { path: RemotePath; options: StorageResumeOptions; part: Part }) {
    this.#site = site;
    this.#calls = site.calls;
    this.#path = what.path;
    this.#options = what.options;
    this.#part = what.part;
  }

  async resumption(): Promise<ResumeResult | undefined> {
    try {
      const stats = await this.#calls.fstat(this.#part.fd);
      if (!stats.isFile()) throw new TransferError('EACCES', 'The part is not a file.');
      const target = await targetOf(this.#site, this.#path);
      if (target && isSameFile(stats, target)) return await this.#linked(target);
      // One that still has a name elsewhere must not be written to, whatever became of the path.
      if (stats.nlink > 1n || this.#site.parts.isExpired(stats.ctimeMs)) return await this.#remove();
      return await this.#pending(stats);
    } finally {
      if (this.#isOpen) await this.#close();
    }
  }

  /** It was committed by a link, and the process died before it removed its first name. */
  async #linked(target: Stats): Promise<ResumeResult | undefined> {
    const found = await readRecord(this.#calls, this.#part.recordPath);
    await this.#calls.unlink(this.#part.path);
    if (!found) return undefined;
    // The removal has changed what the etag is made of.
    return told(found.record, this.#path, (await targetOf(this.#site, this.#path)) ?? target);
  }

  async #pending(stats: Stats): Promise<ResumeResult> {
    try {
      replaceable(await statTarget(this.#site, this.#path), this.#options);
    } catch (error) {
      if (hasErrno(error, 'EISDIR', 'EEXIST', 'ESTALE')) await this.#remove();
      throw error;
    }
    // Of a commit that did not come to the rename. What is removed later must not leave it behind.
    await unlessMissing(this.#calls.unlink(this.#part.recordPath));
    this.#isOpen = false;
    const opened = { options: this.#options, part: this.#part, stats };
    const pending = PartFile.reopened(this.#site, this.#path, opened);
    return { kind: 'pending', pending, bytes: Number(stats.size) };
  }

  async #remove(): Promise<undefined> {
    await unlessMissing(this.#calls.unlink(this.#part.recordPath));
    await unlessMissing(this.#calls.unlink(this.#part.path));
  }

  async #close(): Promise<void> {
    // Nothing was written through it, so that there is nothing that a failure could mean.
    await this.#calls.close(this.#part.fd).catch(() => undefined);
    await this.#site.parts.release(this.#part);
  }
}
