/** Whether the headers of a connection carry a `check`, in each direction. The handshake decides. */
import { TransferError } from '../errors.js';
import { compareCheck, frameCheck, isChecked } from '../protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../protocol/frames.js';
import { isIntact } from '../protocol/records/intact.js';

export class HeaderChecks {
  /** Whether sent headers carry a check. */
  enabled = false;
  /** Whether received headers must carry one. A check that is present is always compared. */
  required = false;
  /** Whether the handshake had none: a later header with one shows that the name of the field was damaged in the handshake. */
  refused = false;

  /** Adds the check to a frame. */
  outgoing(frame: Frame): Frame {
    // Each frame object is sent once; copying it would cost more than the check.
    if (this.enabled && isChecked(frame)) frame.check = frameCheck(frame);
    return frame;
  }

  /** Throws EBADMSG if the frame was damaged, or the handshake. */
  incoming(frame: Frame | UnknownFrame): void {
    compareCheck(frame, this.required);
    if (this.refused && isChecked(frame) && frame.check !== undefined) throw damagedHandshake();
  }

  /** The error of bytes that cannot be read: EBADMSG if headers have checks, unless the check of this one is right. */
  unreadable(error: TransferError): TransferError {
    if (!this.required || error.code !== 'EPROTO' || isIntact(error)) return error;
    const reason = `A header was damaged on its way: ${error.reason}`;
    return new TransferError('EBADMSG', reason, { cause: error });
  }
}

/** EBADMSG: the peer puts a check into its headers, and the one in its part of the handshake was not found. */
function damagedHandshake(): TransferError {
  return new TransferError(
    'EBADMSG',
    'A header of the handshake was damaged on its way: it has lost its check.',
  );
}
