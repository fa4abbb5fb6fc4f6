import type { TransferError } from '../../errors.js';
import type { Node } from '../../collections/linked-list.js';
import type { Backoff } from './backoff.js';
import type { ClientConnection } from './client-connection.js';
import type { ClientState } from '../state-iterator.js';

/** A request that runs on a connection, or waits for one. */
export interface DispatchedRequest {
  /** Set by the dispatcher. */
  node: Node<DispatchedRequest> | undefined;
  /** Set by the dispatcher: the request's own attempts and time since its last progress. */
  backoff: Backoff | undefined;
  /** Whether it waits for something that need never happen: closing the client ends it at once. Default: no. */
  readonly isEndless?: boolean;
  /** Starts on a connection, which need not be open: first frames are sent along with `hello`. */
  begin(connection: ClientConnection): void;
  /** There will be no connection. */
  fail(error: TransferError): void;
  /** Called periodically until `release`: fails if the server has exceeded a timeout. */
  checkTimeout(nowMs: number): void;
}

/** The events of a dispatcher. */
export interface DispatcherListener {
  onConnect(): void;
  onDisconnect(error: TransferError | undefined): void;
  onStateChange(state: ClientState): void;
  /** A connection carries large files over TCP, although the client asks for UDP. */
  onFallback(reason: string): void;
}
