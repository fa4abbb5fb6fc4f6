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

  /** Adds the check to a frame. */
  outgoing(frame: Frame): Frame {
    // Each frame object is sent once; copying it would cost more than the check.
    if (this.enabled && isChecked(frame)) frame.check = frameCheck(frame);
    return frame;
  }

  /** Throws EBADMSG if the frame was damaged. */
  incoming(frame: Frame | UnknownFrame): void {
    compareCheck(frame, this.required);
  }

  /** The error of bytes that cannot be read: EBADMSG if headers have checks, unless the check of this one is right. */
  unreadable(error: TransferError): TransferError {
    if (!this.required || error.code !== 'EPROTO' || isIntact(error)) return error;
    const reason = `A header was damaged on its way: ${error.reason}`;
    return new TransferError('EBADMSG', reason, { cause: error });
  }
}
