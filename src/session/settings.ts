/** What a session is given: what it may use, and whom it tells. */
import type { TransferError } from '../errors.js';
import { INITIAL_MAX_HEADER_BYTES, MIN_FRAME_BYTES } from '../protocol/limits.js';

/** What a client shows of itself. */
export interface SentCredentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** A token. */
  readonly bearer?: string | undefined;
}

/** What a session may use; everything has been checked and defaulted before. */
export interface SessionSettings {
  /** Said to the peer, e.g. `socket-ftp/1.0.0`. */
  readonly agent: string;
  /** Bytes of payload in a data frame that this end takes. */
  readonly maxFrameBytes: number;
  /** Bytes of a header that this end takes after the handshake. */
  readonly maxHeaderBytes: number;
  /** Channels at once that this end serves. */
  readonly maxChannels: number;
  /** Milliseconds of silence after which this end gives the peer up. */
  readonly keepAliveTimeoutMs: number;
  /** Bytes of a body that this end takes beyond what it has consumed. */
  readonly windowBytes: number;
  /** Up to how many it lets a window grow that is too small for the link. Default: none grows. */
  readonly maxWindowBytes?: number | undefined;
  /** A client's. */
  readonly credentials?: SentCredentials | undefined;
}

/** The bounds on what is read until the handshake is over. */
export function earlyLimits({ maxHeaderBytes }: SessionSettings): {
  maxHeaderBytes: number;
  maxFrameBytes: number;
} {
  return {
    maxHeaderBytes: Math.min(INITIAL_MAX_HEADER_BYTES, maxHeaderBytes),
    maxFrameBytes: MIN_FRAME_BYTES,
  };
}

/** What the transport and the owner of a session are told. */
export interface SessionListener {
  /** The handshake is over. */
  opened?(agent: string | undefined): void;
  /** The session is over; with an error unless both sides had finished. Called once. */
  ended?(error: TransferError | undefined): void;
}
