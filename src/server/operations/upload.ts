/**
 * The operation `upload`: a new version of a file, which appears under its path when the whole body has been verified.
 *
 *     startUpload -> checksum of earlier bytes -> accept -> data ... -> end -> hook beforeCommit -> commit -> result
 *                 -> connection lost, upload has an id: suspend        small upload: small-upload.ts
 *
 * An append is an upload whose pending file starts with the bytes of the file. Offsets, counts and checksums are those
 * of the body only.
 */
import { TransferError } from '../../errors.js';
import { bufferPool } from '../../buffers/buffer-pool.js';
import { type BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { isWeakEtag } from '../../protocol/weak-etag.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { PendingFile } from '../../storage/storage.js';
import type { Exchange } from '../request/exchange.js';
import { checkNewNames } from '../access/check-new-names.js';
import {
  requiredPath,
  requireUploadId,
  writeOptions,
  type Operation,
  type OperationContext,
} from './operation.js';
import { readRange } from '../request/readable-file.js';
import { isSmallUpload, receiveSmallUpload } from './small-upload.js';
import { checkUploadEnd, uploadResult, wrongSize } from './upload-result.js';
import { startUpload, weakEtagError, type StartedUpload, type UploadPlan } from './start-upload.js';

export const upload: Operation = {
  takesBody: true,
  needs: (request) => [
    { permission: 'write', path: requiredPath(request), missingParents: makesDirectories(request) },
  ],
  run(exchange, service) {
    const plan = planOf(exchange, service);
    const { id } = plan;
    const receiveUpload = isSmallUpload(exchange.request) ? receiveSmallUpload : receive;
    const naming = checkNewNames(service, plan.path);
    const work = () => receiveUpload(exchange, service, plan);
    const start = () => (id === undefined ? work() : service.uploads.runExclusive(id, exchange, work));
    return naming ? naming.then(start) : start();
  },
};

const NOTHING = new Uint8Array(0);

function planOf(exchange: Exchange, service: OperationContext): UploadPlan {
  const { request, uploadId: id } = exchange;
  const { upload, offset, checksum, append = false, ifMatch } = request;
  if (upload !== undefined) requireUploadId(upload);
  if (id === undefined && offset !== undefined) {
    throw new TransferError('EINVAL', 'An upload without an id cannot be resumed: it must have no offset.');
  }
  // Only of an append that the server holds, it tells the version: `startUpload` finds out.
  if (isWeakEtag(ifMatch) && !(append && offset !== undefined)) throw weakEtagError();
  if (append && offset !== undefined && ifMatch === undefined) {
    // Otherwise a stored append whose result is forgotten would be stored twice.
    throw new TransferError('EINVAL', 'An append can be resumed only with ifMatch.');
  }
  return {
    id,
    append,
    makesDirectories: makesDirectories(request),
    path: requiredPath(request),
    isNumbered: request.requestId !== undefined,
    algorithm: checksum === undefined ? service.checksum : parseChecksumAlgorithm(checksum),
    offset,
    options: append
      ? { ...writeOptions(exchange, request), overwrite: true }
      : { ...writeOptions(exchange, request), uploadId: id },
  };
}

/** Whether an upload creates missing parents. An append has none: its file exists. */
function makesDirectories({ recursive = false, append = false }: FrameOf<'open'>): boolean {
  return recursive && !append;
}

async function receive(
  exchange: Exchange,
  service: OperationContext,
  plan: UploadPlan,
): Promise<AnswerFields<'result'>> {
  const started = await startUpload(service, plan);
  if ('result' in started) return started.result;
  const { pending, check } = started;
  const { id, path, algorithm: checksum, offset } = plan;
  try {
    if (check.bytes < started.bytes) await addEarlierBytes(exchange, started);
    const window = exchange.receiveWindow(service.windowBytes());
    const position = offset === undefined ? undefined : started.bytes;
    exchange.storedBytes = started.bytes;
    exchange.accept({ path, window, checksum, offset: position, etag: started.base });
    await receiveBody(exchange, pending, check);
    checkUploadEnd(exchange.reader.end, check);
    exchange.throwIfCancelled();
    const read = pending.read?.bind(pending);
    await service.commitHook?.run(exchange, { plan, check, read });
    const entry = await pending.commit(commitTokenOf(exchange, plan, started));
    const result = uploadResult(entry, check);
    if (id !== undefined) service.uploads.done(id, { path, result, account: service.account });
    return result;
  } catch (error) {
    if (id !== undefined && isResumable(exchange, error)) await suspend(service, { ...plan, id }, started);
    else await pending.discard();
    throw error;
  }
}

/** Whether the client may resume the upload: after an interruption, or a cancel of an attempt that had an offset. */
function isResumable(exchange: Exchange, error: unknown): boolean {
  if (exchange.isInterruption(error)) return true;
  return exchange.request.offset !== undefined && exchange.isCancellation(error);
}

/** Adds the bytes of an earlier attempt to the checksum, which detects damage on disk. */
async function addEarlierBytes(exchange: Exchange, { pending, bytes, check }: StartedUpload): Promise<void> {
  const read = async (target: Uint8Array, position: number) => (await pending.read?.(target, position)) ?? 0;
  const range = { from: check.bytes, to: bytes };
  for await (const piece of readRange(exchange, { read }, range)) check.update(piece);
}

async function receiveBody(exchange: Exchange, pending: PendingFile, check: BodyChecksum): Promise<void> {
  const announced = exchange.request.size;
  while (!exchange.reader.bodyConsumed) {
    const pieces = await exchange.reader.read();
    if (!pieces) break;
    exchange.reader.addTo(check, pieces);
    if (announced !== undefined && check.bytes > announced) throw wrongSize(announced);
    await pending.write(pieces);
    exchange.storedBytes = check.bytes;
    // The storage keeps no reference to them.
    bufferPool.releaseAll(pieces);
  }
  // A running checksum may stand in front of the end.
  exchange.reader.addTo(check, [NOTHING]);
  if (announced !== undefined && check.bytes !== announced) throw wrongSize(announced);
}

/**
 * What the storage remembers of the commit in case the client does not receive the result: the checksum. Not needed for
 * a client without any `ack`: it still has all bytes, and can send them again.
 */
function commitTokenOf(
  { reader }: Exchange,
  { id, append, options }: UploadPlan,
  { bytes, check }: StartedUpload,
): string | undefined {
  if (id === undefined || append) return undefined;
  const isConditional = !options.overwrite || options.ifMatch !== undefined;
  const hasAcks = bytes > 0 || reader.hasAcknowledged;
  return isConditional || hasAcks ? (check.digest() ?? '') : undefined;
}

/** Keeps the received bytes for the next attempt, in the storage if the storage can suspend. */
async function suspend(
  { uploads, storage }: OperationContext,
  { id, path, append, options }: UploadPlan & { id: string },
  { pending, bytes, check, base }: StartedUpload,
): Promise<void> {
  const stored = Math.max(bytes, check.bytes);
  if (stored === 0) return pending.discard();
  // Of a suspended append, a storage cannot tell which bytes are appended.
  const storageSuspends = !append && storage.resume !== undefined && pending.suspend !== undefined;
  if (storageSuspends) await pending.suspend?.();
  const conditions = { append, overwrite: options.overwrite, ifMatch: base ?? options.ifMatch };
  const held = storageSuspends ? undefined : { pending, bytes: stored, ...conditions };
  uploads.suspended.keep(id, { path, check, held });
}
