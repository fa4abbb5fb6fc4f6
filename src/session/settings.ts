/** The settings of a session, checked and complete, and its listener. */
import type { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';

/** The credentials that a client sends in `hello`. */
export interface SentCredentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** A bearer token. */
  readonly bearer?: string | undefined;
}

export interface SessionSettings {
  /** The name that this end sends, e.g. `socket-ftp/1.0.0`. */
  readonly agent: string;
  /** Maximum payload of a data frame that this end accepts, in bytes. */
  readonly maxFrameBytes: number;
  /** Maximum size of a header after the handshake, in bytes. */
  readonly maxHeaderBytes: number;
  /** Maximum number of channels that this end serves at the same time. */
  readonly maxChannels: number;
  /** Silence of the peer after which this end closes the connection, in ms. */
  readonly keepAliveTimeoutMs: number;
  /** Bytes of a body that the peer may send before they are consumed. */
  readonly windowBytes: number;
  /** Size up to which a window grows on a long link, in bytes. Default: `windowBytes`. */
  readonly maxWindowBytes?: number | undefined;
  /** Bytes of an input or output of a method, at most. */
  readonly maxValueBytes?: number | undefined;
  /** For a client. */
  readonly credentials?: SentCredentials | undefined;
  /** For a client: further fields of `hello`. */
  readonly requested?: Pick<FrameOf<'hello'>, 'features' | 'session'> | undefined;
}

export interface SessionListener {
  /** Of a client: a request with a body waits for a place. */
  onCrowded?(): void;
  /** Of a client: the server closes the connection after its running requests; `error` is that of the others. */
  onGoaway?(error: TransferError): void;
  /** The handshake is complete. */
  onOpen?(agent: string | undefined): void;
  /** The session has ended, with an error unless both sides had finished. Called once. */
  onEnd?(error: TransferError | undefined): void;
}
