/**
 * Where an upload begins: at nothing, at what an interrupted attempt has left, or not at all, because it is done.
 *
 *     without offset           at nothing, and what was known of the id is thrown away
 *     with offset: committed   its result is told again
 *                  pending     at the bytes that are there; EGONE if the client cannot send what follows them any more
 *                  unknown     at nothing, if the client can still send everything; else EGONE
 */
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { PendingFile, Storage, StorageWriteOptions } from '../../storage/storage.js';
import type { HeldFile } from '../uploads/suspended-uploads.js';
import { writable, type OperationContext } from './operation.js';

/** What is asked. */
export interface UploadPlan {
  /** Under which it can be gone on with; undefined if it cannot. */
  readonly id: string | undefined;
  readonly path: RemotePath;
  readonly algorithm: ChecksumAlgorithm;
  /** The lowest byte that the client can still send; undefined for a first attempt. */
  readonly offset: number | undefined;
  readonly options: StorageWriteOptions;
}

/** An upload that can be received. */
export interface StartedUpload {
  readonly pending: PendingFile;
  /** Bytes that are there. */
  readonly bytes: number;
  /** Of the first of them, perhaps not of all. */
  readonly check: BodyChecksum;
}

/** An upload that an earlier attempt has committed. */
export interface DoneUpload {
  readonly result: AnswerFields<'result'>;
}

/** Starts an upload, or finds out that it is done. */
export function startUpload(
  service: OperationContext,
  plan: UploadPlan,
): Promise<StartedUpload | DoneUpload> {
  const { id, offset } = plan;
  if (id === undefined || offset === undefined) return begin(service, plan);
  return goOn(service, { ...plan, id, offset });
}

async function begin(
  service: OperationContext,
  { id, path, algorithm, options }: UploadPlan,
): Promise<StartedUpload> {
  if (id !== undefined) service.uploads.forget(id);
  const pending = await writable(service, 'write').write(path, options);
  return { pending, bytes: 0, check: new BodyChecksum(algorithm) };
}

async function goOn(service: OperationContext, plan: Continuation): Promise<StartedUpload | DoneUpload> {
  const known = await whatIsKnown(service, plan);
  if (known) return known;
  if (plan.offset > 0) throw new TransferError('EGONE');
  return begin(service, plan);
}

type Continuation = UploadPlan & { readonly id: string; readonly offset: number };

async function whatIsKnown(
  service: OperationContext,
  plan: Continuation,
): Promise<StartedUpload | DoneUpload | undefined> {
  const { id, path, offset } = plan;
  const result = service.uploads.resultOf(id, path);
  if (result && (offset > 0 || (await isStillThere(service, path, result)))) return { result };
  const kept = service.uploads.suspended.take(id, path);
  const found = kept?.held
    ? await whatIsHeld(service, plan, { ...kept.held, check: kept.check })
    : await whatStorageKnows(service, plan, kept?.check);
  if (!found || 'result' in found) return found;
  if (found.bytes >= offset && found.bytes <= (plan.options.size ?? Infinity) && canCheck(found))
    return found;
  await found.pending.discard();
  return undefined;
}

/** What the server keeps for a storage that cannot: of use under the same conditions, and if they hold, only. */
async function whatIsHeld(
  { storage }: OperationContext,
  { path, algorithm, options }: Continuation,
  held: HeldFile & { check: BodyChecksum },
): Promise<StartedUpload | undefined> {
  const { pending, bytes, check } = held;
  try {
    await requireReplaceable(storage, path, options);
    const isSame = held.overwrite === options.overwrite && held.ifMatch === options.ifMatch;
    if (isSame && check.algorithm === algorithm) return { pending, bytes, check };
  } catch (error) {
    await pending.discard();
    throw error;
  }
  await pending.discard();
  return undefined;
}

/** Throws what a commit would, as things stand. */
async function requireReplaceable(
  storage: Storage,
  path: RemotePath,
  { overwrite, ifMatch }: StorageWriteOptions,
): Promise<void> {
  const there = await storage.stat(path).catch((thrown: unknown) => {
    const error = TransferError.from(thrown);
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (there?.kind === 'directory') throw new TransferError('EISDIR');
  if (there && !overwrite) throw new TransferError('EEXIST');
  if (ifMatch !== undefined && there?.etag !== ifMatch) throw new TransferError('ESTALE');
}

async function whatStorageKnows(
  { storage }: OperationContext,
  { id, path, offset, algorithm, options }: Continuation,
  check: BodyChecksum | undefined,
): Promise<StartedUpload | DoneUpload | undefined> {
  const found = await storage.resume?.(path, { ...options, uploadId: id });
  if (!found) return undefined;
  if (found.kind === 'committed') {
    const { entry, receipt } = found;
    // Who can still send everything may mean to store it once more after somebody has removed it.
    if (offset === 0 && entry.etag === undefined) return undefined;
    return { result: { ...entryFields(entry), bytes: entry.size, checksum: receipt || undefined } };
  }
  const { pending, bytes } = found;
  const isUsable = check !== undefined && check.algorithm === algorithm && check.bytes <= bytes;
  return { pending, bytes, check: isUsable ? check : new BodyChecksum(algorithm) };
}

/** Whether what was committed is what is under the path. */
async function isStillThere(
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

/** Whether the checksum of all that is there can be known. */
function canCheck({ pending, bytes, check }: StartedUpload): boolean {
  return check.bytes === bytes || pending.read !== undefined;
}
