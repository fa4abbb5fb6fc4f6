/**
 * A codec whose headers are MessagePack: a byte that begins no text and no MessagePack, four bytes with the length of
 * what follows, and the type with the fields by name in one flat array. A payload follows raw, and nothing follows that.
 *
 *     C1 | length | ["data", "id", 1, "length", 5] | hello
 *
 * An array instead of a map, because decoding a map into an object would hide a field that comes twice.
 */
// @ts-check
import { decode, encode } from '@msgpack/msgpack';
import { TransferError } from 'socket-ftp';
import { fieldsOf, frameFromRecord } from 'socket-ftp/protocol';

/**
 * @import { Decoder, DecoderLimits, Frame, FrameSink, WireRecord } from 'socket-ftp/protocol'
 */

const MAGIC = 0xc1;
const PREFIX_BYTES = 5;

/** @type {import('socket-ftp').Codec} */
export const msgpackCodec = {
  name: 'messagepack',
  payloadTrailer: new Uint8Array(0),
  // One byte decides: neither text nor the built-in binary codec begins with it.
  detect: ([first]) => (first === undefined ? undefined : first === MAGIC),
  encode: encodeFrame,
  decoder: (sink, limits) => new MsgpackDecoder(sink, limits),
};

/** @param {Frame} frame */
function encodeFrame(frame) {
  const body = encode([frame.type, ...[...fieldsOf(frame)].flat()]);
  const header = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
  header[0] = MAGIC;
  header.writeUInt32BE(body.length, 1);
  header.set(body, PREFIX_BYTES);
  return header;
}

/**
 * Bytes are copied into `#part`, which is as long as the part of a header that is due: first the prefix, then what the
 * prefix announces. Payload is handed on as it comes.
 *
 * @implements {Decoder}
 */
class MsgpackDecoder {
  /** @type {FrameSink} */ #sink;
  /** @type {DecoderLimits} */ #limits;
  /** @type {'prefix' | 'body' | 'payload' | 'failed'} */ #state = 'prefix';
  #part = Buffer.alloc(PREFIX_BYTES);
  #filled = 0;
  #payloadLeft = 0;

  /**
   * @param {FrameSink} sink
   * @param {DecoderLimits} limits
   */
  constructor(sink, limits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** @param {Uint8Array} chunk */
  write(chunk) {
    let at = 0;
    while (at < chunk.length && this.#state !== 'failed') {
      at += this.#state === 'payload' ? this.#takePayload(chunk, at) : this.#takeHeader(chunk, at);
    }
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} start
   */
  #takePayload(chunk, start) {
    const piece = chunk.subarray(start, start + this.#payloadLeft);
    this.#payloadLeft -= piece.length;
    // The state is changed first, because the sink may do anything.
    if (this.#payloadLeft === 0) this.#state = 'prefix';
    this.#sink.payload(piece);
    return piece.length;
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} start
   */
  #takeHeader(chunk, start) {
    const piece = chunk.subarray(start, start + this.#part.length - this.#filled);
    this.#part.set(piece, this.#filled);
    this.#filled += piece.length;
    try {
      // Whoever speaks something else is refused at the first byte, not at the fifth.
      if (this.#part[0] !== MAGIC && this.#state === 'prefix')
        throw protocolError('A frame does not begin so.');
      if (this.#filled === this.#part.length) this.#complete();
    } catch (thrown) {
      this.#fail(thrown);
    }
    return piece.length;
  }

  #complete() {
    const part = this.#part;
    if (this.#state === 'prefix') {
      this.#expect('body', this.#bodyBytes(part));
      return;
    }
    this.#expect('prefix', PREFIX_BYTES);
    const frame = frameFromRecord(recordOf(part));
    const length = 'length' in frame ? (frame.length ?? 0) : 0;
    if (length > this.#limits.maxFrameBytes) throw new TransferError('EMSGSIZE', 'A payload is too long.');
    if (length > 0) this.#state = 'payload';
    this.#payloadLeft = length;
    this.#sink.frame(frame);
  }

  /** @param {Buffer} prefix */
  #bodyBytes(prefix) {
    const bytes = prefix.readUInt32BE(1);
    if (bytes === 0) throw protocolError('A header is empty.');
    // Before anything is allocated for it.
    if (PREFIX_BYTES + bytes > this.#limits.maxHeaderBytes) {
      throw new TransferError('EMSGSIZE', 'A header is too long.');
    }
    return bytes;
  }

  /**
   * @param {'prefix' | 'body'} state
   * @param {number} bytes
   */
  #expect(state, bytes) {
    this.#state = state;
    this.#part = Buffer.alloc(bytes);
    this.#filled = 0;
  }

  /** @param {unknown} thrown */
  #fail(thrown) {
    this.#state = 'failed';
    const cause = thrown;
    this.#sink.error(
      cause instanceof TransferError ? cause : protocolError('A header cannot be read.', cause),
    );
  }
}

// Texts come as bytes, because the decoder of MessagePack replaces what is not UTF-8 instead of refusing it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @param {Buffer} body
 * @returns {WireRecord}
 */
function recordOf(body) {
  const items = decode(body, { rawStrings: true });
  if (!Array.isArray(items) || items.length % 2 === 0) throw protocolError('A header is no list of fields.');
  const values = ['type', ...items].map(valueOf);
  const record = new Map();
  for (let index = 0; index < values.length; index += 2) {
    const name = values[index];
    if (typeof name !== 'string' || record.has(name))
      throw protocolError('A field comes twice, or has no name.');
    record.set(name, values[index + 1]);
  }
  return record;
}

/** @param {unknown} item */
function valueOf(item) {
  if (item instanceof Uint8Array) return utf8.decode(item);
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return item;
  throw protocolError('A field holds more than a value.');
}

/**
 * @param {string} message
 * @param {unknown} [cause]
 */
function protocolError(message, cause) {
  return new TransferError('EPROTO', message, { cause });
}
