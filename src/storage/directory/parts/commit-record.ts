/**
 * The record of a commit, written before a part gets its name: where the part is gone and the record is there, it was
 * committed. A rename keeps the inode, by which what is under the path now can be told from what came later.
 */
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { unlessMissing } from '../../../fs/errno.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { isFieldText } from '../../../protocol/fields.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import { toFileEntry } from '../calls/file-entry.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;

const MODE = 0o600;

/** A path, a commitToken and a few numbers are far less. */
const MAX_RECORD_BYTES = 64 * 1024;

/** What was committed. */
export interface CommitRecord {
  readonly commitToken: string;
  /** Which file it is and what its content is, whatever its name. */
  readonly file: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** The record of a part that is complete. */
export function recordOf(stats: Stats, commitToken: string): CommitRecord {
  const { size, mtimeMs } = stats;
  return { commitToken, file: fileOf(stats), size: Number(size), mtimeMs: Number(mtimeMs) };
}

/** Whether a record is of a file, and of the content that it has now. */
export function isOf(record: CommitRecord, stats: Stats): boolean {
  return stats.isFile() && record.file === fileOf(stats);
}

/** The entry of what was committed; without an etag unless it is what is under the path. */
export function committedEntry(record: CommitRecord, path: RemotePath, target: Stats | undefined): FileEntry {
  if (target && isOf(record, target)) return toFileEntry(path, target);
  return { path, kind: 'file', size: record.size, mtime: new Date(record.mtimeMs) };
}

/** Writes a record, over an older one; `durable`: to the disk. */
export async function writeRecord(
  calls: FileCalls,
  { path, durable }: { path: string; durable: boolean },
  record: CommitRecord,
): Promise<void> {
  const fd = await calls.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, MODE);
  try {
    const bytes = Buffer.from(JSON.stringify(record));
    if ((await calls.writev(fd, [bytes])) < bytes.length) throw new TransferError('ENOSPC');
    if (durable) await calls.fsync(fd);
  } catch (error) {
    await calls.close(fd, MAX_RECORD_BYTES).catch(() => undefined);
    throw error;
  }
  await calls.close(fd, MAX_RECORD_BYTES);
}

/** Reads a record, and when it was written; undefined if there is none that is whole. */
export async function readRecord(
  calls: FileCalls,
  path: string,
): Promise<{ record: CommitRecord; changedMs: bigint } | undefined> {
  const fd = await unlessMissing(calls.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  if (fd === undefined) return undefined;
  try {
    const { ctimeMs } = await calls.fstat(fd);
    const bytes = Buffer.alloc(MAX_RECORD_BYTES);
    const record = parsed(bytes.toString('utf8', 0, await calls.read(fd, bytes, 0)));
    return record && { record, changedMs: ctimeMs };
  } finally {
    await calls.close(fd, MAX_RECORD_BYTES).catch(() => undefined);
  }
}

/** Size and time are in it because the number of an inode that was removed is given again. */
function fileOf({ dev, ino, size, mtimeNs }: Stats): string {
  return [dev, ino, size, mtimeNs].join('-');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

function parsed(text: string): CommitRecord | undefined {
  try {
    const { commitToken, file, size, mtimeMs } = JSON.parse(text) as Partial<CommitRecord>;
    if (typeof commitToken !== 'string' || typeof file !== 'string') return undefined;
    if (!isFieldText(commitToken) || !isCount(size) || !isTime(mtimeMs)) return undefined;
    return { commitToken, file, size, mtimeMs };
  } catch {
    // It was being written when the process died, so that what it is about was not committed.
    return undefined;
  }
}
