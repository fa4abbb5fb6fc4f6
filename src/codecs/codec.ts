/**
 * The contract of a codec: it encodes frames as bytes and decodes bytes to frames. It knows the notation, not the rules
 * of the protocol, which the session checks. Payload is raw in every codec.
 *
 *     bytes in chunks of any size -> Decoder -> FrameSink        Frame -> Codec.encode() -> bytes of its header
 */
import type { TransferError } from '../errors.js';
import type { Frame, UnknownFrame } from '../protocol/frames.js';

/** A notation for frames. `codecContract` in `socket-ftp/contracts` tests an implementation. */
export interface Codec {
  /** The codec's name in options, events and statistics. */
  readonly name: string;

  /** Bytes that follow every payload; may be empty. */
  readonly payloadTrailer: Uint8Array;

  /**
   * True if the codec detects damaged headers itself. Otherwise both ends add the field `check` to every header, and bytes
   * that cannot be read count as damaged if the peer sends checks.
   */
  readonly hasHeaderChecksum?: true;

  /**
   * Whether a connection that begins with these bytes uses this codec; `undefined` if more bytes are needed, at most 16.
   * Required only for a server with several codecs.
   */
  detect?(firstBytes: Uint8Array): boolean | undefined;

  /** Encodes a frame's header. The frame is valid. */
  encode(frame: Frame): Uint8Array;

  /** Creates a decoder for one direction of one connection. */
  decoder(sink: FrameSink, limits: DecoderLimits): Decoder;
}

/** Limits of a decoder. It reads them for each header, because they increase after the handshake. */
export interface DecoderLimits {
  /** Maximum size of a header in bytes, including its line end. */
  readonly maxHeaderBytes: number;
  /** Maximum payload of a frame in bytes. */
  readonly maxFrameBytes: number;
}

/** Turns bytes into frames. */
export interface Decoder {
  /**
   * Decodes the next bytes and passes everything that they complete to the sink before it returns. Payload is passed on
   * as views of `chunk`, without waiting for the rest. The caller may reuse the chunk afterwards. Never throws because of
   * its input: invalid bytes are reported as an error, once, and all bytes after them are ignored.
   */
  write(chunk: Uint8Array): void;
}

/** Receives the output of a decoder, in order. */
export interface FrameSink {
  /** A frame's header. If it has a `length`, that many bytes of payload follow before the next frame. */
  frame(frame: Frame | UnknownFrame): void;
  /** The next piece of the last frame's payload; never empty. Its memory is only valid during the call. */
  payload(piece: Uint8Array): void;
  /**
   * The bytes are invalid (EPROTO), damaged (EBADMSG) or exceed a limit (EMSGSIZE). Nothing follows. A codec that detects
   * damage itself reports EBADMSG if a checksum is wrong, or if bytes begin no header after one that was right.
   */
  error(error: TransferError): void;
}
