/** What a server tells of its connections and requests, and by which events. */
import type { TransferError } from '../../errors.js';
import type { Identity } from '../identity.js';

/** What is known of a connection. */
export interface ConnectionInfo {
  /** Its number, unique within the server. */
  readonly id: number;
  /** The peer's address; undefined for a Unix socket or a duplex of the user's own. */
  readonly remoteAddress: string | undefined;
  /** The peer's port; undefined as above. */
  readonly remotePort: number | undefined;
  /** Whether it is encrypted by TLS, or is about to be. */
  readonly encrypted: boolean;
  /** Whom it has been welcomed as: the name of the identity that `authenticate` has said. */
  readonly user: string | undefined;
  /** The name of the codec, once it is known. */
  readonly codec: string | undefined;
}

/** A request that has ended. */
export interface RequestSummary {
  readonly connection: ConnectionInfo;
  /** What was asked, e.g. `'download'`. */
  readonly operation: string;
  /** The path as the client said it; undefined for the root. */
  readonly path: string | undefined;
  /** Bytes of body, in both directions. */
  readonly bytes: number;
  /** From the arrival of the request to its last frame. */
  readonly durationMs: number;
  /** What went wrong; undefined if it ended well. */
  readonly error: TransferError | undefined;
}

/** The events of a {@link FileServer}, with what listeners are given. */
export interface FileServerEvents {
  /** It listens. */
  listening: [];
  /** A connection has been accepted; its codec is not known yet. */
  connection: [connection: ConnectionInfo];
  /** A connection is over; with an error unless both sides had finished. */
  disconnection: [connection: ConnectionInfo, error: TransferError | undefined];
  /** A client has been let in by `authenticate`. */
  login: [connection: ConnectionInfo, identity: Identity];
  /** A connection or a login was refused; with the name that the client said, unchecked, and never with a secret. */
  refusal: [connection: ConnectionInfo, error: TransferError, user: string | undefined];
  /** A request has ended, well or not. */
  request: [report: RequestSummary];
  /** It has been closed: no connection is left. */
  close: [];
}
