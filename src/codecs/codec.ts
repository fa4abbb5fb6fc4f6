/**
 * The contract of a codec: how frames become bytes and bytes become frames. A codec knows notation only, no rule of
 * the protocol: the session judges what a frame means. Payload bytes go past it raw, in every codec.
 *
 *     bytes in pieces of any size -> Decoder -> FrameSink        Frame -> Codec.encode -> bytes of its header
 */
import type { TransferError } from '../errors.js';
import type { Frame, UnknownFrame } from '../protocol/frames.js';

/** A notation for frames. `codecContract` in `socket-ftp/contracts` checks an implementation. */
export interface Codec {
  /** What the codec is called in options, events and statistics. */
  readonly name: string;

  /** The bytes that follow every payload; empty if none do. */
  readonly payloadTrailer: Uint8Array;

  /** True where damage to a header shows by itself. Otherwise our ends put a check into headers that matter. */
  readonly hasHeaderChecksum?: true;

  /**
   * Whether a connection that begins with these bytes speaks this codec; `undefined` while that is still open.
   * Needed only where the server is to tell several codecs apart. Decides within 16 bytes.
   */
  detect?(firstBytes: Uint8Array): boolean | undefined;

  /** The bytes of a frame's header. The frame is valid: the table of frames was consulted by the compiler. */
  encode(frame: Frame): Uint8Array;

  /** A decoder for one direction of one connection. */
  decoder(sink: FrameSink, limits: DecoderLimits): Decoder;
}

/** What a decoder may take; read anew at every header, because the limits rise when the handshake is over. */
export interface DecoderLimits {
  /** Bytes of a header, its line end included. */
  readonly maxHeaderBytes: number;
  /** Bytes of one frame's payload. */
  readonly maxFrameBytes: number;
}

/** Turns bytes into frames. */
export interface Decoder {
  /**
   * Takes the next bytes, in a piece of any size, and tells the sink everything that they complete before it returns.
   * Payload goes on at once, as views of `chunk`, without waiting for the whole of it. The chunk is lent: its memory may
   * be used again after the call. Never throws on input: what cannot be read is told as an error, once, and everything
   * after it is ignored.
   */
  write(chunk: Uint8Array): void;
}

/** Takes what a decoder reads, in the order of the bytes. */
export interface FrameSink {
  /** A frame's header. With a `length`, payload pieces of that many bytes in all follow before the next frame. */
  frame(frame: Frame | UnknownFrame): void;
  /** The next piece of the payload announced last; never empty. Valid only during the call if the caller reuses buffers. */
  payload(piece: Uint8Array): void;
  /** The bytes are not of this codec (EPROTO), or over a limit (EMSGSIZE). Nothing follows. */
  error(error: TransferError): void;
}
