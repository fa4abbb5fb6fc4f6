/**
 * The states of an upload as a table: a missing cell means that the event breaks the protocol, or cannot happen.
 * `docs/internals/architecture.md` draws the same table.
 *
 * - `new`: the server does not know the upload. Its body begins with byte 0, before the server has answered.
 * - `resuming`: an earlier call may have begun the upload. The server says where the body begins.
 * - `interrupted`: the channel was lost. The server says where the body on the next channel begins.
 * - `sending`: the channel has bytes that have not left yet.
 * - `idle`: all written bytes have left.
 * - `ended`: size and checksum have been sent.
 * - `answered`: the result has arrived. It is compared with the bytes as soon as all of them have been written.
 * - `closed`: the upload was stored, has failed or was cancelled; failure and cancellation can follow every state.
 */
import { TransferError } from '../../errors.js';

// prettier-ignore
export const uploadTransitions = {
  new: { begin: 'sending', write: 'new', interrupt: 'interrupted' },
  resuming: { begin: 'resuming', accept: 'sending', write: 'resuming', result: 'answered', interrupt: 'resuming' },
  interrupted: { begin: 'interrupted', accept: 'sending', write: 'interrupted', result: 'answered', interrupt: 'interrupted' },
  sending: { accept: 'sending', write: 'sending', sent: 'idle', interrupt: 'interrupted' },
  idle: { accept: 'idle', write: 'sending', end: 'ended', interrupt: 'interrupted' },
  ended: { accept: 'ended', result: 'answered', interrupt: 'interrupted' },
  answered: { complete: 'closed' },
  closed: {},
} as const satisfies Record<string, Partial<Record<UploadEvent, string>>>;

/** The error of an event that is not allowed. */
export function earlyResult(): TransferError {
  return new TransferError('EPROTO', 'The server has sent a result before the upload was complete.');
}

export type UploadState = keyof typeof uploadTransitions;

/** `begin`: there is a channel; `sent`: its bytes have left; `interrupt`: the channel is gone. */
export type UploadEvent = 'begin' | 'accept' | 'write' | 'sent' | 'end' | 'result' | 'complete' | 'interrupt';

/** The state after an event; undefined if the event is not allowed. */
export function nextUploadState(state: UploadState, event: UploadEvent): UploadState | undefined {
  const row: Partial<Record<UploadEvent, UploadState>> = uploadTransitions[state];
  return row[event];
}
