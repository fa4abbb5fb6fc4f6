/**
 * Upload: a new version of a file, which shows under its name when all of it has come and been verified.
 *
 *     start -> sum up what is there -> accept -> data ... -> end -> commit -> result        (small: small-upload.ts)
 *
 * When the connection is lost, what has come of an upload with an id is kept.
 */
import { TransferError } from '../../errors.js';
import { bufferPool } from '../../buffers/buffer-pool.js';
import { type BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { PendingFile, StorageWriteOptions } from '../../storage/storage.js';
import type { Exchange } from '../request/exchange.js';
import { requiredPath, type Operation, type OperationContext } from './operation.js';
import { readRange } from './readable-file.js';
import { isSmallUpload, receiveSmallUpload } from './small-upload.js';
import { checkUploadEnd, uploadResult, wrongSize } from './upload-result.js';
import { startUpload, type StartedUpload, type UploadPlan } from './start-upload.js';

export const upload: Operation = {
  takesBody: true,
  needs: (request) => [{ permission: 'write', path: requiredPath(request) }],
  run(exchange, service) {
    const plan = planOf(exchange, service);
    const { id } = plan;
    const work = isSmallUpload(exchange.request) ? receiveSmallUpload : receive;
    if (id === undefined) return work(exchange, service, plan);
    return service.uploads.runExclusive(id, exchange, () => work(exchange, service, plan));
  },
};

const UPLOAD_ID = /^[0-9a-f]{32}$/;

function planOf({ request, uploadId: id }: Exchange, service: OperationContext): UploadPlan {
  const { upload, offset, checksum } = request;
  if (upload !== undefined && !UPLOAD_ID.test(upload)) {
    throw new TransferError('EINVAL', 'The id of an upload is not 32 lower-case hexadecimal digits.');
  }
  if (id === undefined && offset !== undefined) {
    throw new TransferError('EINVAL', 'An upload without an id cannot be gone on with.');
  }
  return {
    id,
    path: requiredPath(request),
    algorithm: checksum === undefined ? service.checksum : parseChecksumAlgorithm(checksum),
    offset,
    options: writeOptions(request, id),
  };
}

function writeOptions(request: FrameOf<'open'>, uploadId: string | undefined): StorageWriteOptions {
  return {
    uploadId,
    overwrite: request.overwrite ?? true,
    ifMatch: request.ifMatch,
    mtime: request.mtime === undefined ? undefined : new Date(request.mtime),
    size: request.size,
  };
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
    if (check.bytes < started.bytes) await sumUp(exchange, started);
    const window = exchange.receiveWindow(service.windowBytes);
    exchange.accept({ path, window, checksum, offset: offset === undefined ? undefined : started.bytes });
    await receiveBody(exchange, pending, check);
    checkUploadEnd(exchange.reader.end, check);
    exchange.throwIfCancelled();
    const entry = await pending.commit(receiptOf(plan, started, service));
    const result = uploadResult(entry, check);
    if (id !== undefined) service.uploads.done(id, { path, result });
    return result;
  } catch (error) {
    if (id !== undefined && isWantedLater(exchange, error)) await keep(service, { ...plan, id }, started);
    else await pending.discard();
    throw error;
  }
}

/** Whether an upload only came to a stop. Who has named an offset goes on with what is there, also after a cancel. */
function isWantedLater(exchange: Exchange, error: unknown): boolean {
  if (exchange.isInterruption(error)) return true;
  return exchange.request.offset !== undefined && exchange.isCancellation(error);
}

/** Sums up what an earlier attempt has left: if the disk has damaged it, the checksum will tell. */
async function sumUp(exchange: Exchange, { pending, bytes, check }: StartedUpload): Promise<void> {
  const read = async (target: Uint8Array, position: number) => (await pending.read?.(target, position)) ?? 0;
  const range = { from: check.bytes, to: bytes };
  for await (const piece of readRange(exchange, { read }, range)) check.update(piece);
}

async function receiveBody(exchange: Exchange, pending: PendingFile, check: BodyChecksum): Promise<void> {
  const announced = exchange.request.size;
  while (!exchange.reader.bodyConsumed) {
    const pieces = await exchange.reader.read();
    if (!pieces) break;
    for (const piece of pieces) check.update(piece);
    if (announced !== undefined && check.bytes > announced) throw wrongSize(announced);
    await pending.write(pieces);
    // The storage has them no longer.
    bufferPool.releaseAll(pieces);
  }
  if (announced !== undefined && check.bytes !== announced) throw wrongSize(announced);
}

/**
 * What the storage is to remember, in case the result is lost: the checksum. Not where the client, which was told of
 * no byte that it was taken in, still has them all, and may simply send them again.
 */
function receiptOf(
  { id, options }: UploadPlan,
  { bytes, check }: StartedUpload,
  { windowBytes }: OperationContext,
): string | undefined {
  if (id === undefined) return undefined;
  const isConditional = !options.overwrite || options.ifMatch !== undefined;
  // The first ack is sent after a quarter of the window.
  const hasAcks = bytes > 0 || check.bytes >= windowBytes / 4;
  return isConditional || hasAcks ? (check.digest() ?? '') : undefined;
}

/** Keeps what has come for the next attempt, in the storage if it can. */
async function keep(
  { uploads, storage }: OperationContext,
  { id, path, options: { overwrite, ifMatch } }: UploadPlan & { id: string },
  { pending, bytes, check }: StartedUpload,
): Promise<void> {
  const stored = Math.max(bytes, check.bytes);
  if (stored === 0) return pending.discard();
  const keepsItself = storage.resume !== undefined && pending.suspend !== undefined;
  if (keepsItself) await pending.suspend?.();
  const held = keepsItself ? undefined : { pending, bytes: stored, overwrite, ifMatch };
  uploads.suspended.keep(id, { path, check, held });
}
