/** The events of a client. */
import type { TransferError } from '../errors.js';
import type { ClientState } from './state-iterator.js';

/** Why a connection does not carry large files over UDP. */
export interface FallbackEvent {
  /** For people. */
  readonly reason: string;
}

/** The events of a {@link FileClient}, with what listeners are given. */
export interface FileClientEvents {
  /** The server has sent its welcome on a new connection. */
  connect: [];
  /** A connection has ended; with an error unless both ends had finished. */
  disconnect: [error: TransferError | undefined];
  /** The state has changed. */
  state: [state: ClientState];
  /** Large files travel over TCP, although `transport` asks for UDP. Once for each connection. */
  fallback: [event: FallbackEvent];
  /** The client has been closed. */
  close: [];
}
