/**
 * What a server tells `node:diagnostics_channel`, for monitors that know nothing of the program: the same that its
 * events tell, on channels named after them. What is told holds no secret.
 */
import { channel } from 'node:diagnostics_channel';
import type { TransferError } from '../../errors.js';
import type { ConnectionInfo, RequestSummary } from './connection-info.js';

/** The messages on the channel `socket-ftp.<name>`, by name. */
export interface DiagnosticsMessages {
  /** A connection has been accepted. */
  connection: { readonly connection: ConnectionInfo };
  /** A connection is over; with an error unless both sides had finished. */
  disconnection: { readonly connection: ConnectionInfo; readonly error: TransferError | undefined };
  /** A client has been let in by `authenticate`; whom, the connection says. */
  login: { readonly connection: ConnectionInfo };
  /** A connection or a login was refused; `user` is what the client said, unchecked. */
  refusal: {
    readonly connection: ConnectionInfo;
    readonly error: TransferError;
    readonly user: string | undefined;
  };
  /** A request has ended, well or not. */
  request: RequestSummary;
}

const channels = {
  connection: channel('socket-ftp.connection'),
  disconnection: channel('socket-ftp.disconnection'),
  login: channel('socket-ftp.login'),
  refusal: channel('socket-ftp.refusal'),
  request: channel('socket-ftp.request'),
} satisfies Record<keyof DiagnosticsMessages, ReturnType<typeof channel>>;

/** Publishes a message, if anybody listens. */
export function publish<Name extends keyof DiagnosticsMessages>(
  name: Name,
  message: DiagnosticsMessages[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message);
}
