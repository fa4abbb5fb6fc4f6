/**
 * The state machine of every built-in decoder. A HeaderFormat finds and reads the headers.
 *
 *     header --(length > 0)--> payload --> trailer --> header        trailer: only if the format has one
 *        '-------------------- any error -----------------> failed: all input is ignored
 *
 * A header that is complete in a chunk is read in place. Otherwise its bytes are copied to a PartialHeader.
 */
import { protocolError, TransferError } from '../../errors.js';
import { compareCheck, damagedHeader } from '../../protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../../protocol/frames.js';
import type { Decoder, DecoderLimits, FrameSink } from '../codec.js';

/** A format of headers. What its functions throw becomes EPROTO, unless it is a TransferError. */
export interface HeaderFormat {
  /** The byte that follows every payload, if any. */
  readonly trailerByte?: number;
  /** Whether headers have a checksum of their own. Then bytes that begin no header, after one that is right, are damaged. */
  readonly hasChecksum?: true;
  /**
   * The index after the header that begins at `start`, which may be beyond `bytes`; `undefined` if it is not known yet.
   * An earlier call has seen the bytes from `start` to `from`.
   */
  endOf(bytes: Buffer, start: number, from: number): number | undefined;
  /** Reads a complete header. */
  read(header: Buffer): Frame | UnknownFrame;
}

type State = 'header' | 'payload' | 'trailer' | 'failed';

// A partial header is continued in steps, because it may end soon in a large chunk.
const STEP_BYTES = 256;

/** Initial capacity of a partial header, in bytes. */
const FIRST_BYTES = 64;

const NONE = Buffer.alloc(0);

export class FrameDecoder implements Decoder {
  readonly #format: HeaderFormat;
  readonly #sink: FrameSink;
  readonly #limits: DecoderLimits;
  /** A header whose end has not arrived yet. */
  #partial: PartialHeader | undefined;
  #state: State = 'header';
  #payloadLeft = 0;
  #hasRead = false;
  #isReading = false;
  #nested: Buffer[] | undefined;

  constructor(format: HeaderFormat, sink: FrameSink, limits: DecoderLimits) {
    this.#format = format;
    this.#sink = sink;
    this.#limits = limits;
  }

  write(chunk: Uint8Array): void {
    // The sink may cause a nested call, whose bytes are decoded after those of this call.
    if (this.#isReading) return void (this.#nested ??= []).push(Buffer.from(chunk));
    this.#isReading = true;
    try {
      let next: Buffer | undefined = asBuffer(chunk);
      for (; next !== undefined; next = this.#nested?.shift()) this.#read(next);
    } finally {
      this.#isReading = false;
    }
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'header':
          at = this.#partial ? this.#continueHeader(this.#partial, chunk, at) : this.#startHeader(chunk, at);
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
      this.#readHeader(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
      return end;
    }
    this.#partial = new PartialHeader();
    this.#partial.append(chunk, start, chunk.length);
    return chunk.length;
  }

  #continueHeader(partial: PartialHeader, chunk: Buffer, start: number): number {
    const known = partial.length;
    const stop = Math.min(chunk.length, start + STEP_BYTES);
    partial.append(chunk, start, stop);
    const bytes = partial.view();
    const end = this.#findEnd(bytes, 0, known);
    if (end === 'failed') return chunk.length;
    if (end === undefined || end > bytes.length) return stop;
    this.#partial = undefined;
    this.#readHeader(bytes.subarray(0, end));
    return start + end - known;
  }

  // The end of the header, after a check of its size.
  #findEnd(bytes: Buffer, start: number, from: number): number | undefined | 'failed' {
    let end: number | undefined;
    try {
      end = this.#format.endOf(bytes, start, from);
    } catch (thrown) {
      return this.#failFraming(thrown);
    }
    const minBytes = end === undefined ? bytes.length - start + 1 : end - start;
    return minBytes <= this.#limits.maxHeaderBytes ? end : this.#tooLong(bytes, start);
  }

  // Garbage must fail with the same error whether it arrives in pieces or at once, so it is checked first.
  #tooLong(bytes: Buffer, start: number): 'failed' {
    const limit = this.#limits.maxHeaderBytes;
    try {
      this.#format.endOf(bytes.subarray(start, start + limit), 0, 0);
    } catch (thrown) {
      return this.#failFraming(thrown);
    }
    return this.#fail(new TransferError('EMSGSIZE', `A header exceeds the limit of ${limit} bytes.`));
  }

  #readHeader(header: Buffer): void {
    let frame: Frame | UnknownFrame;
    try {
      frame = this.#format.read(header);
    } catch (thrown) {
      this.#failWith(thrown);
      return;
    }
    const length = 'length' in frame ? frame.length : undefined;
    if (length !== undefined) {
      if (length > this.#limits.maxFrameBytes) return void this.#refusePayload(frame, length);
      this.#payloadLeft = length;
      this.#state = length > 0 ? 'payload' : this.#afterPayload();
    }
    this.#hasRead = true;
    this.#sink.frame(frame);
  }

  #refusePayload(frame: Frame | UnknownFrame, length: number): 'failed' {
    try {
      compareCheck(frame, false);
    } catch (thrown) {
      return this.#failWith(thrown);
    }
    const limit = this.#limits.maxFrameBytes;
    const reason = `A payload of ${length} bytes exceeds the limit of ${limit} bytes.`;
    return this.#fail(new TransferError('EMSGSIZE', reason));
  }

  #readPayload(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#payloadLeft);
    this.#payloadLeft -= end - start;
    if (this.#payloadLeft === 0) this.#state = this.#afterPayload();
    this.#sink.payload(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    return end;
  }

  #afterPayload(): State {
    return this.#format.trailerByte === undefined ? 'header' : 'trailer';
  }

  #readTrailer(chunk: Buffer, at: number): number {
    if (chunk[at] === this.#format.trailerByte) this.#state = 'header';
    else this.#fail(protocolError('The trailer after a payload is missing: its length is wrong.'));
    return at + 1;
  }

  /** The bytes begin no header. Before the first one, the peer may be another program. */
  #failFraming(thrown: unknown): 'failed' {
    const isDamage = this.#hasRead && this.#format.hasChecksum === true;
    return isDamage ? this.#fail(damagedHeader()) : this.#failWith(thrown);
  }

  #failWith(thrown: unknown): 'failed' {
    return this.#fail(
      thrown instanceof TransferError ? thrown : protocolError('A header is invalid.', thrown),
    );
  }

  #fail(error: TransferError): 'failed' {
    this.#state = 'failed';
    this.#partial = undefined;
    this.#sink.error(error);
    return 'failed';
  }
}

/** A copy of an incomplete header, so that it keeps no socket buffer in memory. */
class PartialHeader {
  length = 0;
  #bytes: Buffer = NONE;

  append(chunk: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.#bytes.length) this.#grow(needed);
    chunk.copy(this.#bytes, this.length, start, end);
    this.length = needed;
  }

  /** A view of the bytes, valid until the next `append`. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  #grow(needed: number): void {
    // Doubled, so that a header in many pieces has linear cost. Not from Node's pool: a slow peer would keep a whole
    // block of it in memory.
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
