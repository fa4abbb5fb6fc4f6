/** The operation `list`: the entries of a directory, as frames of the connection's codec in the body. */
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { batchesOf } from '../../protocol/listings/entries-of-batches.js';
import type { Exchange } from '../request/exchange.js';
import { pathOrRoot, type Operation } from './operation.js';

/** Size of the first batch. Small, so that the first entries of a slow storage arrive soon. */
const FIRST_BATCH_BYTES = 512;

/** Each batch is twice as large as the one before, up to this size. */
const MAX_BATCH_BYTES = 64 * 1024;

export const list: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'list', path: pathOrRoot(request) }],
  async run(exchange, { storage, access, codec, checksum }) {
    const { request } = exchange;
    const path = pathOrRoot(request);
    const recursive = request.recursive ?? false;
    const algorithm = request.checksum === undefined ? checksum : parseChecksumAlgorithm(request.checksum);
    const body = new Body(exchange, new BodyChecksum(algorithm));
    let accepted = false;
    const accept = (): void => {
      if (!accepted) exchange.accept({ path: path || undefined, kind: 'directory', checksum: algorithm });
      accepted = true;
    };
    // How many names of which directories the storage has left out since the last entry.
    const left = new Map<RemotePath, number>();
    const countOmitted = async (): Promise<void> => {
      const names = new Map(left);
      left.clear();
      exchange.omitted += await access.countListable(names, path, exchange);
    };
    const { onProgress } = exchange;
    const onOmitted = (directory: RemotePath): void =>
      void left.set(directory, (left.get(directory) ?? 0) + 1);
    const entries = storage.list(path, { recursive, onProgress, onOmitted });
    for await (const batch of batchesOf(access.filterListing(entries, exchange))) {
      if (batch.length > 0) accept();
      exchange.throwIfCancelled();
      if (left.size > 0) await countOmitted();
      for (const entry of batch) {
        const sent = body.add(codec.encode({ type: 'entry', ...entryFields(entry) }));
        if (sent) await sent;
      }
    }
    accept();
    await countOmitted();
    await body.flush();
    const omitted = exchange.omitted || undefined;
    return { bytes: body.check.bytes, checksum: body.check.digest(), omitted };
  },
};

/** Collects entries into batches. */
class Body {
  readonly check: BodyChecksum;
  readonly #exchange: Exchange;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #batchBytes = FIRST_BATCH_BYTES;

  constructor(exchange: Exchange, check: BodyChecksum) {
    this.#exchange = exchange;
    this.check = check;
  }

  /** Returns a promise only when a batch is full. */
  add(entry: Uint8Array): Promise<void> | undefined {
    this.#pieces.push(entry);
    this.#bytes += entry.length;
    return this.#bytes < this.#batchBytes ? undefined : this.flush();
  }

  async flush(): Promise<void> {
    if (this.#bytes === 0) return;
    const batch = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    this.#batchBytes = Math.min(MAX_BATCH_BYTES, 2 * this.#batchBytes);
    const checksum = this.check.takeRunning();
    this.check.update(batch);
    await this.#exchange.write(batch, checksum);
  }
}
