/**
 * The record of a commit, written before the part file is renamed to its path. A record without a part file means that
 * the upload was committed. A rename keeps the inode, which shows whether the path still holds the committed file.
 */
import { constants } from 'node:fs';
import { TransferError } from '../../../errors.js';
import { unlessMissing } from '../../../fs/errno.js';
import { fileDate } from '../../../fs/file-time.js';
import type { FileEntry } from '../../../protocol/entry.js';
import { isFieldText } from '../../../protocol/fields.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { FileCalls, Stats } from '../calls/file-calls.js';
import type { Target } from '../files/target.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;

const MODE = 0o600;

/** A token and a few numbers need far less. */
const MAX_RECORD_BYTES = 64 * 1024;

export interface CommitRecord {
  readonly commitToken: string;
  /** Identifies the file and its content, whatever its name. */
  readonly file: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** The record of a complete part file. */
export function toCommitRecord(stats: Stats, commitToken: string): CommitRecord {
  const { size, mtimeNs } = stats;
  const mtimeMs = fileDate(mtimeNs).getTime();
  return { commitToken, file: fileIdentity(stats), size: Number(size), mtimeMs };
}

/** Whether a record describes this file with its present content. */
function describes(record: CommitRecord, stats: Stats): boolean {
  return stats.isFile() && record.file === fileIdentity(stats);
}

/** The entry of the committed file; without an etag unless the path still holds this file. */
export function committedEntry(
  record: CommitRecord,
  path: RemotePath,
  target: Target | undefined,
): FileEntry {
  if (target?.entry && describes(record, target.stats)) return target.entry;
  return { path, kind: 'file', size: record.size, mtime: new Date(record.mtimeMs) };
}

/** Writes a record, replacing an older one; `durable`: waits until it is on the disk. */
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

/** Reads a record and the time at which it was written; undefined if it is missing or incomplete. */
export async function readRecord(
  calls: FileCalls,
  path: string,
): Promise<{ record: CommitRecord; changedMs: bigint } | undefined> {
  const fd = await unlessMissing(calls.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  if (fd === undefined) return undefined;
  try {
    const { ctimeMs } = await calls.fstat(fd);
    const bytes = Buffer.alloc(MAX_RECORD_BYTES);
    const record = parseRecord(bytes.toString('utf8', 0, await calls.read(fd, bytes, 0)));
    return record && { record, changedMs: ctimeMs };
  } finally {
    await calls.close(fd, MAX_RECORD_BYTES).catch(() => undefined);
  }
}

/** Includes size and time because the file system reuses inode numbers of removed files. */
function fileIdentity({ dev, ino, size, mtimeNs }: Stats): string {
  return [dev, ino, size, mtimeNs].join('-');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

function parseRecord(text: string): CommitRecord | undefined {
  try {
    const { commitToken, file, size, mtimeMs } = JSON.parse(text) as Partial<CommitRecord>;
    if (typeof commitToken !== 'string' || typeof file !== 'string') return undefined;
    if (!isFieldText(commitToken) || !isCount(size) || !isTime(mtimeMs)) return undefined;
    return { commitToken, file, size, mtimeMs };
  } catch {
    // The process died while it wrote the record, so the upload was not committed.
    return undefined;
  }
}
