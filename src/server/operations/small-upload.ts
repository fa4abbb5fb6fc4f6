/**
 * An upload that is small and has no conditions. It is received whole before it is written, and is not acknowledged on the
 * way. So the client can always send all of it again, and nothing needs to be kept for that:
 *
 *     accept -> all of the body -> compare -> Storage.writeFile, or else write and commit -> result
 */
import { bufferPool } from '../../buffers/buffer-pool.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { INITIAL_WINDOW_BYTES } from '../../protocol/limits.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { Exchange } from '../request/exchange.js';
import { writable, type OperationContext } from './operation.js';
import { checkUploadEnd, uploadResult, wrongSize } from './upload-result.js';
import type { UploadPlan } from './start-upload.js';

/** Whether an upload is one: the client may send all of it at once, also after an attempt that was cut. */
export function isSmallUpload({
  size = Infinity,
  offset = 0,
  overwrite = true,
  ifMatch,
  append = false,
}: FrameOf<'open'>): boolean {
  // Under a condition a further attempt might be refused for what this one has stored; an append would be stored twice.
  const isPlain = overwrite && ifMatch === undefined && !append;
  return size <= INITIAL_WINDOW_BYTES && offset === 0 && isPlain;
}

/** Receives and stores one. */
export async function receiveSmallUpload(
  exchange: Exchange,
  service: OperationContext,
  plan: UploadPlan,
): Promise<AnswerFields<'result'>> {
  const { id, path, options } = plan;
  if (id !== undefined) service.uploads.forget(id);
  const storage = writable(service, 'write');
  const writeFile = storage.writeFile?.bind(storage);
  if (writeFile)
    return receiveThen((pieces) => writeFile(path, pieces, options), { exchange, service, plan });
  // By its id, so that a further attempt throws away what a process that died has left of this one.
  const pending = await storage.write(path, options);
  const store = async (pieces: readonly Uint8Array[]): Promise<FileEntry> => {
    await pending.write(pieces);
    return pending.commit();
  };
  try {
    return await receiveThen(store, { exchange, service, plan });
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

/** Accepts an upload, receives all of it, and stores it. */
async function receiveThen(
  store: (pieces: readonly Uint8Array[]) => Promise<FileEntry>,
  { exchange, service, plan }: { exchange: Exchange; service: OperationContext; plan: UploadPlan },
): Promise<AnswerFields<'result'>> {
  const { path, algorithm: checksum, offset } = plan;
  exchange.accept({ path, window: exchange.receiveWindow(service.windowBytes), checksum, offset });
  const check = new BodyChecksum(checksum);
  const pieces = await receiveWhole(exchange, check);
  const entry = await store(pieces);
  // The storage has them no longer.
  bufferPool.releaseAll(pieces);
  return uploadResult(entry, check);
}

async function receiveWhole(exchange: Exchange, check: BodyChecksum): Promise<Buffer[]> {
  const { size = 0 } = exchange.request;
  const pieces = (await exchange.reader.read(size)) ?? [];
  for (const piece of pieces) check.update(piece);
  if (check.bytes !== size) throw wrongSize(size);
  checkUploadEnd(exchange.reader.end, check);
  exchange.throwIfCancelled();
  return pieces;
}
