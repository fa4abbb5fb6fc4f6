/**
 * The contract of a server strategy, which decides when each request runs. A strategy sees requests, not bytes: it
 * cannot delay pings, cancels or other requests' frames. `strategyContract` in `socket-ftp/contracts` checks an
 * implementation.
 */
import type { TransferError } from '../../errors.js';

/** A request that has arrived, as a strategy sees it. */
export interface ServerRequest {
  /** Name of the operation, e.g. `'download'`. */
  readonly operation: string;
  /** Path as the client sent it, not checked; undefined for the root. */
  readonly path: string | undefined;
  /** Number of the connection, unique within the server. */
  readonly connection: number;
  /**
   * Key of the client: the same for all connections of one IPv4 address or one IPv6 /64 network, and unique for a
   * connection without an address.
   */
  readonly origin: string;
  /** Whether the request has been answered, e.g. because it was cancelled. A queue can drop it. */
  readonly settled: boolean;
  /**
   * Runs the request; resolves at its end. Never rejects: the client gets the error. Does nothing if the request is
   * settled. A request that is cancelled while it runs ends after `timeouts.stallMs` at the latest.
   */
  run(): Promise<void>;
  /** Answers the request with an error instead of running it. */
  reject(error: TransferError): void;
}

/** Decides when each request runs. A strategy object belongs to one server. */
export interface ServerStrategy {
  /** Name of the strategy. */
  readonly name: string;
  /** Called for each request that arrives. Calls `run()` or `reject()` on the request once, now or later. */
  submit(request: ServerRequest): void;
}
