/**
 * Where an upload starts: at byte 0, at the bytes of an earlier attempt, or not at all if it is already committed.
 *
 *     without offset          -> byte 0; forgets earlier attempts with this id
 *     with offset: committed  -> repeats the result, whatever has become of the path since; but a numbered request that
 *                                is not answered by its session is a new one: at byte 0 it starts again if the path has
 *                                changed
 *                  suspended  -> its bytes; EGONE if the client cannot send the bytes after them any more
 *                  unknown    -> byte 0 if the client can still send all bytes; else EGONE; ESTALE with a weak etag
 */
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { isWeakEtag, mayBeSameVersion } from '../../protocol/weak-etag.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { PendingFile, Storage, StorageWriteOptions } from '../../storage/storage.js';
import type { HeldFile } from '../uploads/suspended-uploads.js';
import { writable, type OperationContext } from './operation.js';
import { withParents } from './with-parents.js';

/** The parsed request. */
export interface UploadPlan {
  /** Undefined if the upload cannot be resumed. */
  readonly id: string | undefined;
  readonly path: RemotePath;
  /** Whether the body continues the file. */
  readonly append: boolean;
  /** Whether missing parents of the path are created. */
  readonly makesDirectories: boolean;
  readonly algorithm: ChecksumAlgorithm;
  /** Whether the request has a `requestId`. */
  readonly isNumbered: boolean;
  /** The lowest byte that the client can still send; undefined for a first attempt. */
  readonly offset: number | undefined;
  readonly options: StorageWriteOptions;
}

/** An upload that is ready to receive. */
export interface StartedUpload {
  readonly pending: PendingFile;
  /** Bytes of the body that an earlier attempt has written. */
  readonly bytes: number;
  /** The etag of the version that an append continues, if it has one. */
  readonly base?: string | undefined;
  /** Of the first of these bytes, not always of all. */
  readonly check: BodyChecksum;
}

/** An upload that an earlier attempt has committed. */
export interface CommittedUpload {
  readonly result: AnswerFields<'result'>;
}

export async function startUpload(
  context: OperationContext,
  plan: UploadPlan,
): Promise<StartedUpload | CommittedUpload> {
  const { id, offset } = plan;
  if (id !== undefined && offset !== undefined) {
    const earlier = await findEarlier(context, { ...plan, id, offset });
    if (earlier) return earlier;
    if (offset > 0) throw new TransferError('EGONE');
    if (isWeakEtag(plan.options.ifMatch)) throw weakEtagError();
  }
  if (id !== undefined) context.uploads.forget(id);
  return plan.append ? startAppend(context, plan) : startNew(context, plan);
}

/** The versions that a weak etag does not distinguish may all be others than the client's. */
export function weakEtagError(): TransferError {
  return new TransferError('ESTALE', 'A weak etag satisfies no condition.');
}

async function startNew(context: OperationContext, plan: UploadPlan): Promise<StartedUpload> {
  const { path, algorithm, options } = plan;
  const storage = writable(context, 'write');
  const pending = await withParents(context, plan, () => storage.write(path, options));
  return { pending, bytes: 0, check: new BodyChecksum(algorithm) };
}

async function startAppend(
  context: OperationContext,
  { path, algorithm, options }: UploadPlan,
): Promise<StartedUpload> {
  const storage = writable(context, 'append');
  const base = options.ifMatch ?? (await storage.stat(path)).etag;
  const pending = await storage.append(path, { ...options, ifMatch: base });
  return { pending, bytes: 0, base, check: new BodyChecksum(algorithm) };
}

type ResumePlan = UploadPlan & { readonly id: string; readonly offset: number };

async function findEarlier(
  context: OperationContext,
  plan: ResumePlan,
): Promise<StartedUpload | CommittedUpload | undefined> {
  const { id, path, offset, append, options } = plan;
  const result = context.uploads.resultOf(id, path);
  if (result && (!(plan.isNumbered && offset === 0) || (await isUnchanged(context, path, result))))
    return { result };
  const { held, check } = context.uploads.suspended.take(id, path) ?? {};
  let earlier: StartedUpload | CommittedUpload | undefined;
  if (held && check) earlier = await resumeHeld(context, plan, { ...held, check });
  else if (!append) earlier = await resumeStored(context, plan, check);
  if (!earlier || 'result' in earlier) return earlier;
  const { pending, bytes } = earlier;
  const hasChecksum = earlier.check.bytes === bytes || pending.read !== undefined;
  if (bytes >= offset && bytes <= (options.size ?? Infinity) && hasChecksum) return earlier;
  await pending.discard();
  return undefined;
}

/** Resumes a pending file that the server holds, if the conditions of the upload are the same and still hold. */
async function resumeHeld(
  { storage }: OperationContext,
  { path, append, algorithm, options }: ResumePlan,
  { pending, bytes, check, ...held }: HeldFile & { check: BodyChecksum },
): Promise<StartedUpload | undefined> {
  let isResumed = false;
  try {
    await requireReplaceable(storage, path, options);
    isResumed =
      held.append === append &&
      held.overwrite === options.overwrite &&
      held.ifMatch === options.ifMatch &&
      check.algorithm === algorithm;
    return isResumed ? { pending, bytes, base: append ? held.ifMatch : undefined, check } : undefined;
  } finally {
    if (!isResumed) await pending.discard();
  }
}

/** Throws the error with which a commit would fail now. After a weak etag, the commit compares the bytes. */
async function requireReplaceable(
  storage: Storage,
  path: RemotePath,
  { overwrite, ifMatch }: StorageWriteOptions,
): Promise<void> {
  const entry = await storage.stat(path).catch((thrown: unknown) => {
    const error = TransferError.from(thrown);
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (entry?.kind === 'directory') throw new TransferError('EISDIR');
  if (entry && !overwrite) throw new TransferError('EEXIST');
  const isSame = isWeakEtag(ifMatch) ? mayBeSameVersion(entry?.etag, ifMatch) : entry?.etag === ifMatch;
  if (ifMatch !== undefined && !isSame) throw new TransferError('ESTALE');
}

/** Resumes a version that the storage has suspended or committed. */
async function resumeStored(
  { storage }: OperationContext,
  { id, path, offset, algorithm, isNumbered, options }: ResumePlan,
  check: BodyChecksum | undefined,
): Promise<StartedUpload | CommittedUpload | undefined> {
  const found = await storage.resume?.(path, { ...options, uploadId: id });
  if (!found) return undefined;
  if (found.kind === 'committed') {
    const { entry, commitToken } = found;
    if (isNumbered && offset === 0 && entry.etag === undefined) return undefined;
    return { result: { ...entryFields(entry), bytes: entry.size, checksum: commitToken || undefined } };
  }
  const { pending, bytes } = found;
  const isUsable = check !== undefined && check.algorithm === algorithm && check.bytes <= bytes;
  return { pending, bytes, check: isUsable ? check : new BodyChecksum(algorithm) };
}

/** Whether the committed version is still the current one. */
async function isUnchanged(
  { storage }: OperationContext,
  path: RemotePath,
  { etag }: AnswerFields<'result'>,
): Promise<boolean> {
  try {
    return etag !== undefined && (await storage.stat(path)).etag === etag;
  } catch {
    return false;
  }
}
