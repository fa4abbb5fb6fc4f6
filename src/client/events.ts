/** The events of a client. */
import type { TransferError } from '../errors.js';
import type { ClientState } from './state-iterator.js';

/** The events of a {@link FileClient}, with what listeners are given. */
export interface FileClientEvents {
  /** The server has sent its welcome on a new connection. */
  connect: [];
  /** A connection has ended; with an error unless both ends had finished. */
  disconnect: [error: TransferError | undefined];
  /** The state has changed. */
  state: [state: ClientState];
  /** The client has been closed. */
  close: [];
}
