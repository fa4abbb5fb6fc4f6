/**
 * The operation `watch`: a snapshot of a directory and then its changes, as frames of the connection's codec in the body,
 * until the request is cancelled.
 *
 *     Storage.watch -> AccessControl.filterChanges -> Body -> data frames, each batch followed by its checksum
 *
 * A slow client makes the writes wait. Then the storage keeps the changes, up to its bound.
 */
import type { Codec } from '../../codecs/codec.js';
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { StorageChange } from '../../storage/storage.js';
import type { Exchange } from '../request/exchange.js';
import { TimeSlice } from '../loop-share/time-slice.js';
import { pathOrRoot, type Operation, type OperationContext } from '../operations/operation.js';

/** Bytes of one write. */
const BATCH_BYTES = 16 * 1024;

export const watch: Operation = {
  takesBody: false,
  isEndless: () => true,
  needs: (request) => [{ permission: 'list', path: pathOrRoot(request) }],
  async run(exchange, context) {
    const { request, signal, onProgress } = exchange;
    const { storage } = context;
    if (!storage.watch) throw new TransferError('ENOTSUP', 'This storage cannot be watched.');
    const path = pathOrRoot(request);
    const recursive = request.recursive ?? false;
    const changes = storage.watch(path, { recursive, signal, onProgress });
    await sendChanges(
      exchange,
      context,
      context.access.filterChanges(changes, { top: path, recursive, exchange }),
    );
    exchange.throwIfCancelled();
    throw new TransferError('EIO', 'The storage has ended the watch.');
  },
};

async function sendChanges(
  exchange: Exchange,
  { codec, checksum }: OperationContext,
  batches: AsyncIterable<readonly StorageChange[]>,
): Promise<void> {
  const { request } = exchange;
  const algorithm = request.checksum === undefined ? checksum : parseChecksumAlgorithm(request.checksum);
  const body = new Body(exchange, new BodyChecksum(algorithm));
  const accepted: AnswerFields<'accept'> = { path: request.path, kind: 'directory', checksum: algorithm };
  let isAccepted = false;
  const slice = new TimeSlice();
  for await (const batch of inSlices(batches, slice)) {
    exchange.isIdle = false;
    if (!isAccepted) exchange.accept(accepted);
    isAccepted = true;
    for (const change of batch) {
      const writing = body.add(encode(codec, change));
      if (writing) await slice.wait(writing);
    }
    await slice.wait(body.flush());
    slice.pause();
    exchange.isIdle = true;
  }
}

/** Takes the batches in the time that all watches share: storages make snapshots, and this end frames, without a wait. */
async function* inSlices(
  batches: AsyncIterable<readonly StorageChange[]>,
  slice: TimeSlice,
): AsyncGenerator<readonly StorageChange[], void> {
  const iterator = batches[Symbol.asyncIterator]();
  try {
    for (;;) {
      slice.resume();
      if (slice.isOver()) await slice.next();
      const next = await slice.measure(() => iterator.next());
      if (next.done === true) return;
      slice.resume();
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function encode(codec: Codec, change: StorageChange): Uint8Array {
  return codec.encode({ type: 'change', ...fieldsOf(change) });
}

function fieldsOf(change: StorageChange): Omit<FrameOf<'change'>, 'type'> {
  if (change.event === 'removed') return change;
  if (!('entry' in change)) return change;
  const { entry, ...rest } = change;
  return { ...rest, ...entryFields(entry) };
}

/** Writes changes with their checksums. */
class Body {
  readonly #exchange: Exchange;
  readonly #check: BodyChecksum;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(exchange: Exchange, check: BodyChecksum) {
    this.#exchange = exchange;
    this.#check = check;
  }

  /** Returns a promise only when a write is due. */
  add(change: Uint8Array): Promise<void> | undefined {
    this.#pieces.push(change);
    this.#bytes += change.length;
    return this.#bytes < BATCH_BYTES ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const batch = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    this.#check.update(batch);
    await this.#exchange.write(batch);
    this.#exchange.sendChecksum(this.#check.digest());
  }
}
