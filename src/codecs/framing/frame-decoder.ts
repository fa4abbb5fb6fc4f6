/**
 * The machine that every built-in decoder is: it finds headers, hands payload on, and stops at the first error. What a
 * header looks like is the notation's business.
 *
 *     header --(length > 0)--> payload --> trailer --> header        trailer is skipped by notations that have none
 *        '-------------------- any error -----------------> failed: everything is ignored
 *
 * A header that lies whole in a chunk is read where it lies; else its bytes are gathered in a PartialHeader.
 */
import { protocolError, TransferError } from '../../errors.js';
import type { Frame, UnknownFrame } from '../../protocol/frames.js';
import type { Decoder, DecoderLimits, FrameSink } from '../codec.js';

/** How headers are found and read. Both functions may throw anything: it becomes EPROTO unless it is a TransferError. */
export interface HeaderFormat {
  /** The byte that follows every payload, if one does. */
  readonly trailerByte?: number;
  /**
   * Where the header that begins at `start` ends: the index after its last byte, which may lie beyond `bytes`;
   * `undefined` while that cannot be told. The bytes from `start` to `from` have been looked at before.
   */
  endOf(bytes: Buffer, start: number, from: number): number | undefined;
  /** The frame that a whole header says. */
  read(header: Buffer): Frame | UnknownFrame;
}

type State = 'header' | 'payload' | 'trailer' | 'failed';

// A header that began in an earlier chunk goes on in this one by steps, because its end may be near in a large chunk.
const STEP_BYTES = 256;

/** Bytes that a partial header has room for at first. */
const FIRST_BYTES = 64;

const NONE = Buffer.alloc(0);

/** A decoder of frames in a notation. */
export class FrameDecoder implements Decoder {
  readonly #notation: HeaderFormat;
  readonly #sink: FrameSink;
  readonly #limits: DecoderLimits;
  readonly #partial = new PartialHeader();
  #state: State = 'header';
  #payloadLeft = 0;
  #isReading = false;
  readonly #waiting: Buffer[] = [];

  constructor(notation: HeaderFormat, sink: FrameSink, limits: DecoderLimits) {
    this.#notation = notation;
    this.#sink = sink;
    this.#limits = limits;
  }

  write(chunk: Uint8Array): void {
    // A sink may answer a frame so directly that the next bytes come before this call is over: they wait their turn.
    if (this.#isReading) return void this.#waiting.push(Buffer.from(chunk));
    this.#isReading = true;
    try {
      let next: Buffer | undefined = asBuffer(chunk);
      for (; next !== undefined; next = this.#waiting.shift()) this.#read(next);
    } finally {
      this.#isReading = false;
    }
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'header':
          at = this.#partial.length === 0 ? this.#startHeader(chunk, at) : this.#continueHeader(chunk, at);
          break;
        case 'payload':
          at = this.#readPayload(chunk, at);
          break;
        case 'trailer':
          at = this.#readTrailer(chunk, at);
          break;
        case 'failed':
          return;
      }
    }
  }

  #startHeader(chunk: Buffer, start: number): number {
    const end = this.#findEnd(chunk, start, start);
    if (end === 'failed') return chunk.length;
    if (end !== undefined && end <= chunk.length) {
      this.#announce(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
      return end;
    }
    this.#partial.append(chunk, start, chunk.length);
    return chunk.length;
  }

  #continueHeader(chunk: Buffer, start: number): number {
    const known = this.#partial.length;
    const stop = Math.min(chunk.length, start + STEP_BYTES);
    this.#partial.append(chunk, start, stop);
    const bytes = this.#partial.view();
    const end = this.#findEnd(bytes, 0, known);
    if (end === 'failed') return chunk.length;
    if (end === undefined || end > bytes.length) return stop;
    this.#partial.clear();
    this.#announce(bytes.subarray(0, end));
    return start + end - known;
  }

  // The end of the header, as the notation says it, once it is certain that the header is not over the limit.
  #findEnd(bytes: Buffer, start: number, from: number): number | undefined | 'failed' {
    let end: number | undefined;
    try {
      end = this.#notation.endOf(bytes, start, from);
    } catch (thrown) {
      return this.#failBy(thrown);
    }
    const atLeast = end === undefined ? bytes.length - start + 1 : end - start;
    return atLeast <= this.#limits.maxHeaderBytes ? end : this.#tooLong(bytes, start);
  }

  // In pieces, one that cannot begin a header is refused before it is too long; whole, it must be refused alike.
  #tooLong(bytes: Buffer, start: number): 'failed' {
    const most = this.#limits.maxHeaderBytes;
    try {
      this.#notation.endOf(bytes.subarray(start, start + most), 0, 0);
    } catch (thrown) {
      return this.#failBy(thrown);
    }
    return this.#fail(new TransferError('EMSGSIZE', `A header is longer than ${most} bytes.`));
  }

  #announce(header: Buffer): void {
    let frame: Frame | UnknownFrame;
    try {
      frame = this.#notation.read(header);
    } catch (thrown) {
      this.#failBy(thrown);
      return;
    }
    const length = 'length' in frame ? frame.length : undefined;
    if (length !== undefined) {
      const most = this.#limits.maxFrameBytes;
      if (length > most) {
        this.#fail(new TransferError('EMSGSIZE', `A payload is longer than ${most} bytes.`));
        return;
      }
      this.#payloadLeft = length;
      this.#state = length > 0 ? 'payload' : this.#afterPayload();
    }
    this.#sink.frame(frame);
  }

  #readPayload(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#payloadLeft);
    this.#payloadLeft -= end - start;
    if (this.#payloadLeft === 0) this.#state = this.#afterPayload();
    this.#sink.payload(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    return end;
  }

  #afterPayload(): State {
    return this.#notation.trailerByte === undefined ? 'header' : 'trailer';
  }

  #readTrailer(chunk: Buffer, at: number): number {
    if (chunk[at] === this.#notation.trailerByte) this.#state = 'header';
    else this.#fail(protocolError('A payload is not followed by its end: its length is wrong.'));
    return at + 1;
  }

  #failBy(thrown: unknown): 'failed' {
    return this.#fail(
      thrown instanceof TransferError ? thrown : protocolError('A header cannot be read.', thrown),
    );
  }

  #fail(error: TransferError): 'failed' {
    this.#state = 'failed';
    this.#partial.clear();
    this.#sink.error(error);
    return 'failed';
  }
}

/** The bytes of a header whose end has not arrived yet, copied, so that they pin no socket buffer. */
class PartialHeader {
  #bytes: Buffer = NONE;
  #length = 0;

  /** How many bytes are kept. */
  get length(): number {
    return this.#length;
  }

  /** Keeps the bytes of `chunk` from `start` to `end`. */
  append(chunk: Buffer, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#bytes.length) this.#grow(needed);
    chunk.copy(this.#bytes, this.#length, start, end);
    this.#length = needed;
  }

  /** All that is kept, as a view that the next `append` may leave stale. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Lets go of everything. */
  clear(): void {
    this.#bytes = NONE;
    this.#length = 0;
  }

  #grow(needed: number): void {
    // Doubling makes a header that comes byte by byte cost its length, not its square. Not from the pool: a few bytes
    // would keep a pool block alive for as long as a peer likes to wait.
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
