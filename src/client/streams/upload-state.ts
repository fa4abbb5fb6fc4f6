/**
 * The states of an upload as a table: a missing cell means that the event breaks the protocol, or cannot happen.
 * `docs/internals/architecture.md` draws the same table.
 *
 * - `new`: the server knows nothing of the upload. Its body begins with byte 0, before the server has answered.
 * - `older`: an earlier process may have begun the upload. The server says where its body begins.
 * - `cut`: the channel was lost. The server says where the body on the next channel begins.
 * - `sending`: the channel holds bytes that are not on their way yet.
 * - `idle`: all bytes that were written are on their way.
 * - `ended`: the server has been told the number of bytes and their checksum.
 * - `answered`: the result has come. It is compared with the bytes as soon as all of them have been written.
 * - `closed`: the file is stored, or the upload has failed or was cancelled, which it can in every state.
 */
export const uploadTransitions = {
  new: { begin: 'sending', write: 'new', interrupt: 'cut' },
  older: { begin: 'older', accept: 'sending', write: 'older', result: 'answered', interrupt: 'older' },
  cut: { begin: 'cut', accept: 'sending', write: 'cut', result: 'answered', interrupt: 'cut' },
  sending: { accept: 'sending', write: 'sending', sent: 'idle', interrupt: 'cut' },
  idle: { accept: 'idle', write: 'sending', end: 'ended', interrupt: 'cut' },
  ended: { accept: 'ended', result: 'answered', interrupt: 'cut' },
  answered: { complete: 'closed' },
  closed: {},
} as const satisfies Record<string, Partial<Record<UploadEvent, string>>>;

/** A state of an upload. */
export type UploadState = keyof typeof uploadTransitions;

/** `begin`: there is a channel; `sent`: what it held is on its way; `interrupt`: the channel is gone. */
export type UploadEvent = 'begin' | 'accept' | 'write' | 'sent' | 'end' | 'result' | 'complete' | 'interrupt';

/** The state after an event; undefined where there is none. */
export function nextUploadState(state: UploadState, event: UploadEvent): UploadState | undefined {
  const row: Partial<Record<UploadEvent, UploadState>> = uploadTransitions[state];
  return row[event];
}
