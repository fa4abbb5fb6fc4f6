/** What a server tells of its connections and requests. */
import type { TransferError } from '../errors.js';

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
export interface RequestReport {
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
