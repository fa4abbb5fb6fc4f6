import type { TransferError } from '../../errors.js';
import type { AcceptedSocket } from './server-context.js';

export interface ConnectionContext<Connection> {
  readonly id: number;
  readonly accepted: AcceptedSocket;
  /** The error with which to answer the client's hello. */
  readonly rejection: TransferError | undefined;
  readonly hooks: ConnectionHooks<Connection>;
}

/** Called by a connection. */
export interface ConnectionHooks<Connection> {
  /** The client has logged in, or needs no login. */
  onHandshake(connection: Connection): void;
  /**
   * A proxy has announced the address of the client, or has sent no valid header (`refusal`). Returns the error with which
   * to answer the client's hello.
   */
  onProxyHeader(connection: Connection, refusal: TransferError | undefined): TransferError | undefined;
  /** The TLS handshake failed, or the client cannot be served after it. */
  onRejected(connection: Connection, error: TransferError): void;
  onLoginRejected(connection: Connection, error: TransferError, user: string | undefined): void;
  /** Bodies travel over TCP from now on. */
  onFallback(connection: Connection, reason: string): void;
  /** The connection is closed; with an error unless both sides ended it. */
  onClose(connection: Connection, error: TransferError | undefined): void;
}
