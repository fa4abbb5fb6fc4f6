/**
 * The states of an upload as a table; a missing cell means that the event cannot happen in that state.
 * `docs/architecture.md` draws the same table.
 */

/**
 * - `new`: the server knows nothing of the upload. Its body begins with byte 0, before the server has answered.
 * - `older`: an earlier process may have begun the upload. The server says where its body begins.
 * - `cut`: the channel was lost. The server says where the body on the next channel begins.
 * - `sending`: the channel holds bytes that are not on their way yet.
 * - `idle`: all bytes that were written are on their way.
 * - `ended`: the server has been told the number of bytes and their checksum.
 * - `answered`: the result has come. It is compared with the bytes when all of them have been written.
 * - `closed`: the upload was stored, has failed or was cancelled.
 */
export const uploadTransitions = {
  new: { begin: 'sending', write: 'new', interrupt: 'cut', close: 'closed' },
  older: {
    begin: 'older',
    accept: 'sending',
    write: 'older',
    result: 'answered',
    interrupt: 'older',
    close: 'closed',
  },
  cut: {
    begin: 'cut',
    accept: 'sending',
    write: 'cut',
    result: 'answered',
    interrupt: 'cut',
    close: 'closed',
  },
  sending: { accept: 'sending', write: 'sending', sent: 'idle', interrupt: 'cut', close: 'closed' },
  idle: { accept: 'idle', write: 'sending', end: 'ended', interrupt: 'cut', close: 'closed' },
  ended: { accept: 'ended', result: 'answered', interrupt: 'cut', close: 'closed' },
  answered: { close: 'closed' },
  closed: { close: 'closed' },
} as const satisfies Record<string, Partial<Record<UploadEvent, string>>>;

/** A state of an upload. */
export type UploadState = keyof typeof uploadTransitions;

/** What moves an upload from one state to the next. */
export type UploadEvent =
  /** There is a channel: the first one, or another one. */
  | 'begin'
  /** The server serves the request. */
  | 'accept'
  /** There are more bytes to send. */
  | 'write'
  /** All bytes that the channel held are on their way. */
  | 'sent'
  /** No more bytes follow. */
  | 'end'
  /** The server says that the file is stored. */
  | 'result'
  /** The channel is gone. */
  | 'interrupt'
  /** The upload is over. */
  | 'close';

/** The state after an event; undefined where the event cannot happen. */
export function nextUploadState(state: UploadState, event: UploadEvent): UploadState | undefined {
  const row: Partial<Record<UploadEvent, UploadState>> = uploadTransitions[state];
  return row[event];
}
