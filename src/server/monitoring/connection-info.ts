/** The events of a server, and the objects that its listeners get. */
import type { TransferError } from '../../errors.js';
import type { Identity } from '../identity.js';

/** A connection of a server. */
export interface ConnectionInfo {
  /** Number of the connection, unique within the server. */
  readonly id: number;
  /** IP address of the client; undefined for a Unix socket and for a stream that was passed to the server. */
  readonly remoteAddress: string | undefined;
  /** Port of the client; undefined where `remoteAddress` is. */
  readonly remotePort: number | undefined;
  /** Whether the connection uses TLS. True from the start of the handshake on. */
  readonly encrypted: boolean;
  /** Name of the identity that `authenticate` returned; undefined before the login and without `authenticate`. */
  readonly user: string | undefined;
  /** Name of the codec, `'http'` for HTTP; undefined until the first bytes of the client have arrived. */
  readonly codec: string | undefined;
}

/** A request that has arrived. */
export interface RequestStart {
  /** Connection of the request. */
  readonly connection: ConnectionInfo;
  /** Number of the attempt, unique within its connection. */
  readonly id: number;
  /**
   * Id of the request, the same for all attempts that belong together: those of one upload, on every connection and after a
   * restart, and those of another change in one session. The attempts of other requests have an id each. A client cannot do
   * anything with it.
   */
  readonly requestId: string;
  /** Name of the operation, e.g. `'download'`. */
  readonly operation: string;
  /** Name of the shared method as the client sent it, not checked; undefined for other operations. */
  readonly method: string | undefined;
  /** Path as the client sent it, not checked; undefined for the root. */
  readonly path: string | undefined;
  /** New path of a `rename` or `copy`, as the client sent it, not checked; undefined for other operations. */
  readonly target: string | undefined;
}

/** A request that has ended. */
export interface RequestSummary extends RequestStart {
  /** Bytes of the body, in both directions. */
  readonly bytes: number;
  /** Files and directories that a listing left out because no path can name them; 0 for other operations. */
  readonly omitted: number;
  /** Milliseconds from the arrival of the request to its last frame. */
  readonly durationMs: number;
  /** Why the request failed; undefined if it succeeded. */
  readonly error: TransferError | undefined;
}

/** The events of a {@link FileServer}, with the arguments of their listeners. */
export interface FileServerEvents<IdentityType extends Identity = Identity> {
  /** The server listens. */
  listening: [];
  /** A connection has been accepted; its codec is not known yet. */
  connection: [connection: ConnectionInfo];
  /** A connection has ended; with an error unless both ends had finished. */
  disconnect: [connection: ConnectionInfo, error: TransferError | undefined];
  /** `authenticate` has accepted a client. */
  login: [connection: ConnectionInfo, identity: IdentityType];
  /**
   * A connection or a login was rejected. `user` is the name that the client sent, not verified. `connection` is
   * undefined if the system could not accept a connection, e.g. with EMFILE.
   */
  rejected: [connection: ConnectionInfo | undefined, error: TransferError, user: string | undefined];
  /** A request has arrived. */
  requestStart: [request: RequestStart];
  /** A request has ended, successfully or not. */
  requestEnd: [summary: RequestSummary];
  /**
   * The hook `after` has thrown (EIO, with what it has thrown as `cause`), has taken longer than `hookTimeouts.afterMs`
   * (ETIMEDOUT), or was not called because too many calls are unfinished (EAGAIN).
   */
  hookError: [error: TransferError, request: RequestSummary];
  /** A UDP path has failed: the files of the connection travel over TCP from now on. `reason` is for people. */
  fallback: [connection: ConnectionInfo, reason: string];
  /** The server has been closed, and no connection is left. */
  close: [];
}
