/**
 * The bytes of a pending upload, as streams for its hook. The storage gets one call at a time, however many streams read, and
 * none after `close`.
 */
import { Readable } from 'node:stream';
import { TransferError } from '../../errors.js';
import type { PendingFile } from '../../storage/storage.js';

/** Bytes of one piece of a stream, which belongs to its reader. */
const PIECE_BYTES = 128 * 1024;

type Read = NonNullable<PendingFile['read']>;

export class UploadedBytes {
  readonly #read: Read | undefined;
  readonly #streams = new Set<Readable>();
  #isClosed = false;
  /** The last call that was begun or waits. */
  #calls: Promise<unknown> = Promise.resolve();

  /** @param read - of the pending file; undefined if its storage cannot read it */
  constructor(read: Read | undefined) {
    this.#read = read;
  }

  /** Throws ENOTSUP if the bytes cannot be read. */
  stream(): Readable {
    const read = this.#read;
    if (!read) {
      throw new TransferError('ENOTSUP', 'The storage cannot read an upload that it has not committed.');
    }
    const stream = Readable.from(this.#pieces(read), { objectMode: false });
    this.#streams.add(stream);
    // A hook that does not wait for its stream must not end the process.
    stream.on('error', () => undefined);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Ends all streams; resolves when the storage has no call left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.destroy(hookHasEnded());
    await this.#calls;
  }

  async *#pieces(read: Read): AsyncGenerator<Buffer> {
    for (let position = 0; ;) {
      const target = Buffer.allocUnsafe(PIECE_BYTES);
      const from = position;
      const count = await this.#exclusive(() => read(target, from));
      if (count === 0) return;
      position += count;
      yield target.subarray(0, count);
    }
  }

  #exclusive(call: () => Promise<number>): Promise<number> {
    const result = this.#calls.then(() => {
      if (this.#isClosed) throw hookHasEnded();
      return call();
    });
    this.#calls = result.catch(() => undefined);
    return result;
  }
}

/** Reads pieces that are in memory. The reader gets copies: the memory of the pieces is used again. */
export function readerOf(pieces: readonly Uint8Array[]): Read {
  let whole: Buffer | undefined;
  return async (target, position) => {
    whole ??= Buffer.concat(pieces);
    return whole.copy(target, 0, position);
  };
}

function hookHasEnded(): TransferError {
  return new TransferError('ECANCELED', 'The hook of the upload has ended.');
}
