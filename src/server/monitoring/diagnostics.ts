/**
 * Publishes the events of every server on `node:diagnostics_channel`, for monitors that have no access to the server.
 * No message contains a password or a token.
 */
import { channel } from 'node:diagnostics_channel';
import type { TransferError } from '../../errors.js';
import type { ConnectionInfo, RequestStart, RequestSummary } from './connection-info.js';

/** The messages on the channel `socket-ftp:<name>`, by name. */
export interface DiagnosticsMessages {
  /** A connection has been accepted. */
  connection: { readonly connection: ConnectionInfo };
  /** A connection has ended; with an error unless both ends had finished. */
  disconnect: { readonly connection: ConnectionInfo; readonly error: TransferError | undefined };
  /** `authenticate` has accepted a client; `connection.user` is the name of the identity. */
  login: { readonly connection: ConnectionInfo };
  /**
   * A connection or a login was rejected; `user` is the name that the client sent, not verified. `connection` is
   * undefined if the system could not accept a connection, e.g. with EMFILE.
   */
  rejected: {
    readonly connection: ConnectionInfo | undefined;
    readonly error: TransferError;
    readonly user: string | undefined;
  };
  /** A request has arrived. */
  'request:start': RequestStart;
  /** A request has ended, successfully or not. */
  'request:end': RequestSummary;
}

const channels = {
  connection: channel('socket-ftp:connection'),
  disconnect: channel('socket-ftp:disconnect'),
  login: channel('socket-ftp:login'),
  rejected: channel('socket-ftp:rejected'),
  'request:start': channel('socket-ftp:request:start'),
  'request:end': channel('socket-ftp:request:end'),
} satisfies Record<keyof DiagnosticsMessages, ReturnType<typeof channel>>;

/** Publishes a message if its channel has subscribers. */
export function publish<Name extends keyof DiagnosticsMessages>(
  name: Name,
  message: DiagnosticsMessages[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message);
}

/** Whether a monitor listens to the starts or ends of requests. */
export function hasMonitors(): boolean {
  return channels['request:start'].hasSubscribers || channels['request:end'].hasSubscribers;
}
