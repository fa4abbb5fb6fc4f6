/** Whether the headers of a connection carry a `check`, in each direction. The handshake decides. */
import { TransferError } from '../errors.js';
import { compareCheck, frameCheck, isChecked } from '../protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../protocol/frames.js';

export class HeaderChecks {
  /** Whether sent headers carry a check. */
  enabled = false;
  /** Whether received headers must carry one. A check that is present is always compared. */
  required = false;
  /** Whether the peer has sent a correct checksum, so an unreadable header is damaged rather than wrong. */
  verified = false;

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

  /** Makes EPROTO retryable if the peer's headers were correct before: another connection may not damage them. */
  unreadable(error: TransferError): TransferError {
    if (!this.verified || error.code !== 'EPROTO') return error;
    return new TransferError('EPROTO', error.reason, { retryable: true, cause: error.cause });
  }
}
