/**
 * A small upload without conditions. The server receives the whole body before it writes, and sends no `ack`, so the
 * client can always send all of it again and nothing has to be kept for a retry.
 *
 *     accept -> whole body -> compare checksums -> hook beforeCommit -> Storage.writeFile, or write and commit -> result
 */
import { bufferPool } from '../../buffers/buffer-pool.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import type { MaybePromise } from '../../maybe-promise.js';
import type { FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { INITIAL_WINDOW_BYTES } from '../../protocol/limits.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import { readerOf } from '../hooks/uploaded-bytes.js';
import type { Exchange } from '../request/exchange.js';
import { writable, type OperationContext } from './operation.js';
import { withParents } from './with-parents.js';
import { checkUploadEnd, uploadResult, wrongSize } from './upload-result.js';
import type { UploadPlan } from './start-upload.js';

/** Whether an upload is small: the client may send the whole body at once. */
export function isSmallUpload({
  size = Infinity,
  offset = 0,
  overwrite = true,
  ifMatch,
  append = false,
}: FrameOf<'open'>): boolean {
  // A retry of a conditional upload would fail because of the first attempt's version; an append would repeat bytes.
  return size <= INITIAL_WINDOW_BYTES && offset === 0 && overwrite && ifMatch === undefined && !append;
}

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
    return receiveThen((pieces) => withParents(service, plan, () => writeFile(path, pieces, options)), {
      exchange,
      service,
      plan,
    });
  // With its id, so that a retry discards what a killed process has left.
  const pending = await withParents(service, plan, () => storage.write(path, options));
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

async function receiveThen(
  store: (pieces: readonly Uint8Array[]) => MaybePromise<FileEntry>,
  { exchange, service, plan }: { exchange: Exchange; service: OperationContext; plan: UploadPlan },
): Promise<AnswerFields<'result'>> {
  const { path, algorithm: checksum, offset } = plan;
  exchange.accept({ path, window: exchange.receiveWindow(service.windowBytes()), checksum, offset });
  const check = new BodyChecksum(checksum);
  const pieces = await receiveWhole(exchange, check);
  await service.commitHook?.run(exchange, { plan, check, read: readerOf(pieces) });
  const entry = await store(pieces);
  // The storage keeps no reference to them.
  bufferPool.releaseAll(pieces);
  return uploadResult(entry, check);
}

async function receiveWhole(exchange: Exchange, check: BodyChecksum): Promise<Buffer[]> {
  const { size = 0 } = exchange.request;
  const pieces = (await exchange.reader.read(size)) ?? [];
  exchange.reader.addTo(check, pieces);
  if (check.bytes !== size) throw wrongSize(size);
  checkUploadEnd(exchange.reader.end, check);
  exchange.throwIfCancelled();
  return pieces;
}
