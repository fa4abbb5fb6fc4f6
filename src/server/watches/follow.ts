/**
 * A download with `follow`: the bytes of a file, and those that are added to it, until the request is cancelled.
 *
 *     read -> bytes -> write, and the checksum after the last of them -> wait: StoredFile.grown, or a second -> read
 *     nothing to read -> another version at the path? -> does it begin with the same bytes? -yes-> read on in it
 *                                                                                           -no--> ESTALE
 */
import { clearTimeout, setTimeout } from '../../clock.js';
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { createChecksum, parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { isSameVersion } from '../../protocol/weak-etag.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { StoredFile } from '../../storage/storage.js';
import type { Exchange } from '../request/exchange.js';
import { readRange } from '../request/readable-file.js';
import { comparePrefix } from '../request/compare-prefix.js';
import { requiredPath, type OperationContext } from '../operations/operation.js';

/** Interval in ms of looking at a file whose storage does not tell that it has grown. */
const POLL_MS = 1_000;

/** Time in ms between two looks: a program that writes line by line causes fewer frames. */
const PAUSE_MS = 10;

/** Bytes of one read. */
const CHUNK_BYTES = 64 * 1024;

/** Bytes before the position that each read compares: a file that was truncated and has grown again differs there. */
const TAIL_BYTES = 1024;

/** Never resolves with a result: it ends when the request is cancelled, or by an error. */
export async function follow(exchange: Exchange, context: OperationContext): Promise<AnswerFields<'result'>> {
  // First: an unknown algorithm must not leave an open file behind.
  const { checksum } = exchange.request;
  const algorithm = checksum === undefined ? context.checksum : parseChecksumAlgorithm(checksum);
  const file = await context.storage.read(requiredPath(exchange.request));
  const followed = new FollowedFile(exchange, { context, file, algorithm });
  try {
    await followed.accept();
    for (;;) {
      await followed.sendNew();
      await followed.wait();
      await followed.changeVersion();
    }
  } finally {
    await followed.close();
  }
}

interface FollowedContext {
  readonly context: OperationContext;
  readonly file: StoredFile;
  readonly algorithm: ChecksumAlgorithm;
}

class FollowedFile {
  readonly #exchange: Exchange;
  readonly #context: OperationContext;
  readonly #path: RemotePath;
  readonly #check: BodyChecksum;
  #file: StoredFile;
  #position: number;
  /** The last bytes before the position. */
  #tail = Buffer.alloc(0);

  constructor(exchange: Exchange, { context, file, algorithm }: FollowedContext) {
    const { request } = exchange;
    this.#exchange = exchange;
    this.#context = context;
    this.#path = requiredPath(request);
    this.#check = new BodyChecksum(algorithm);
    this.#file = file;
    this.#position = request.offset ?? 0;
  }

  async accept(): Promise<void> {
    const { entry } = this.#file;
    const { ifMatch, prefix, since = 0, maxBytes } = this.#exchange.request;
    if (maxBytes !== undefined) throw new TransferError('EINVAL', 'A followed download has no maxBytes.');
    if (ifMatch !== undefined && !isSameVersion(ifMatch, entry.etag)) throw new TransferError('ESTALE');
    if (this.#position > entry.size) throw new TransferError('ERANGE');
    const range = { from: since, to: this.#position };
    if (prefix !== undefined)
      await comparePrefix(
        this.#exchange,
        this.#check.algorithm,
        readRange(this.#exchange, this.#file, range),
      );
    this.#exchange.accept({ offset: this.#position, checksum: this.#check.algorithm, ...entryFields(entry) });
  }

  /** Sends all bytes up to the present end of the file, and then their checksum. */
  async sendNew(): Promise<void> {
    this.#exchange.isIdle = false;
    const start = this.#position;
    for (let piece = await this.#readNext(); piece.length > 0; piece = await this.#readNext()) {
      const checksum = this.#check.takeRunning();
      this.#check.update(piece);
      await this.#exchange.write(piece, checksum);
    }
    if (this.#position > start) this.#exchange.sendChecksum(this.#check.digest());
  }

  /** Waits until the file may have grown, at most for a second. Throws when the request is cancelled. */
  async wait(): Promise<void> {
    const { signal } = this.#exchange;
    this.#exchange.isIdle = true;
    const waiting = new AbortController();
    const stop = (): void => waiting.abort();
    signal.addEventListener('abort', stop);
    const timer = setTimeout(stop, POLL_MS).unref();
    if (!signal.aborted) await (this.#file.grown?.(waiting.signal) ?? aborted(waiting.signal));
    clearTimeout(timer);
    if (!signal.aborted && this.#file.grown) await pause(signal);
    signal.removeEventListener('abort', stop);
    stop();
    this.#exchange.throwIfCancelled();
  }

  /** Throws ESTALE if the file has become shorter, or the path leads to a file that does not begin with the sent bytes. */
  async changeVersion(): Promise<void> {
    const open = await this.#file.stat?.();
    if (open && open.size < this.#position) throw staleError();
    const present = await this.#context.storage.stat(this.#path).catch((thrown: unknown) => {
      const error = TransferError.from(thrown);
      throw error.code === 'ENOENT' || error.code === 'ENOTDIR' ? staleError() : error;
    });
    if (present.kind !== 'file') throw staleError();
    if (present.etag !== undefined && present.etag === (await this.#file.etag())) return;
    // Bytes that were added before the file was replaced are compared as well.
    await this.sendNew();
    const next = await this.#context.storage.read(this.#path);
    try {
      if (next.entry.size < this.#position || !(await this.#hasSentBytes(next))) throw staleError();
      await this.#file.close();
    } catch (thrown) {
      await next.close();
      throw thrown;
    }
    this.#file = next;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Reads the next bytes, with those before them in the same call. ESTALE if these are others than were sent. */
  async #readNext(): Promise<Buffer> {
    const tail = this.#tail;
    // Not shared: the connection may still write the last one.
    const buffer = Buffer.allocUnsafe(tail.length + CHUNK_BYTES);
    const bytes = await this.#readBeyond(buffer, this.#position - tail.length, tail.length);
    if (!buffer.subarray(0, Math.min(bytes, tail.length)).equals(tail)) throw staleError();
    const piece = buffer.subarray(tail.length, bytes);
    this.#position += piece.length;
    if (piece.length > 0) this.#tail = Buffer.from(buffer.subarray(Math.max(0, bytes - TAIL_BYTES), bytes));
    return piece;
  }

  /** Reads more than `count` bytes, unless the file ends before: a storage may read fewer than there are. */
  async #readBeyond(target: Buffer, position: number, count: number): Promise<number> {
    let bytes = 0;
    for (let read = 1; read > 0 && bytes <= count; bytes += read)
      read = await this.#file.read(target.subarray(bytes), position + bytes);
    return bytes;
  }

  /** Whether a file begins with what the client has. The bytes before the first offset of the client are not known. */
  async #hasSentBytes(file: StoredFile): Promise<boolean> {
    const { algorithm } = this.#check;
    if (algorithm === 'none') return false;
    const { offset = 0, since = 0, prefix } = this.#exchange.request;
    const ranges = [
      { from: offset, to: this.#position, expected: this.#check.digest() },
      ...(prefix === undefined ? [] : [{ from: since, to: offset, expected: prefix }]),
    ];
    for (const { expected, ...range } of ranges) {
      const sum = createChecksum(algorithm);
      if (range.to > range.from)
        for await (const piece of readRange(this.#exchange, file, range)) sum.update(piece);
      if (sum.digest() !== expected) return false;
    }
    return true;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, PAUSE_MS).unref();
    signal.addEventListener('abort', done);
  });
}

function staleError(): TransferError {
  return new TransferError('ESTALE', 'The followed file was truncated, replaced or removed.');
}
