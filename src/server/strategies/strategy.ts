/**
 * The contract of a server strategy: when requests are served, and which of them at the same time. A strategy sees
 * requests only, no bytes: pings, cancels and everything else of the connections go on whatever it does.
 * `strategyContract` in `socket-ftp/contracts` checks an implementation.
 */
import type { TransferError } from '../../errors.js';

/** A request that waits to be served. */
export interface ServerRequest {
  /** What is asked, e.g. `'download'`. */
  readonly operation: string;
  /** The path concerned as the client said it, unchecked; undefined for the root. */
  readonly path: string | undefined;
  /** The number of the connection that it came from, unique within the server. */
  readonly connection: number;
  /**
   * Who shares a turn with it: the same word for all connections of one IPv4 address, or of one IPv6 network of 64 bits,
   * and a word of its own for a connection that has no address.
   */
  readonly origin: string;
  /** Whether it was answered meanwhile, for instance because it was cancelled: it needs no place in a queue. */
  readonly settled: boolean;
  /**
   * Serves it to its end. Never rejects: what goes wrong is the client's answer. Does nothing if it was cancelled. One
   * that is cancelled while it runs, and does not come to an end within `timeouts.stallMs`, is given up.
   */
  run(): Promise<void>;
  /** Answers with an error instead. */
  reject(error: TransferError): void;
}

/** Decides when requests are served. One object serves one server. */
export interface ServerStrategy {
  /** What the strategy is called in options and statistics. */
  readonly name: string;
  /** Takes a request as it arrives, and calls `run` or `refuse` on it, now or later, once. */
  submit(request: ServerRequest): void;
}
