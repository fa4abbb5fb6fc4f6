/** What the owner of a connection gives to it and hears from it. */
import type { TransferError } from '../../errors.js';
import type { Connection } from './connection.js';
import type { AcceptedSocket } from './server-context.js';

/** Called by a connection. */
export interface ConnectionHooks {
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
  /** The connection is closed; with an error unless both sides ended it. */
  onClose(connection: Connection, error: TransferError | undefined): void;
}

export interface ConnectionContext {
  readonly id: number;
  readonly accepted: AcceptedSocket;
  /** The error with which to answer the client's hello. */
  readonly rejection: TransferError | undefined;
  readonly hooks: ConnectionHooks;
}
