/** Whether the headers of a connection carry checks, in each direction; the handshake decides. */
import { TransferError } from '../errors.js';
import { compareCheck, frameCheck, isChecked } from '../protocol/frame-check.js';
import type { Frame, UnknownFrame } from '../protocol/frames.js';

export class HeaderChecks {
  /** Whether what is sent carries a check. */
  enabled = false;
  /** Whether what comes must. A check that is there is always compared. */
  required = false;
  /** Whether the peer has shown that it writes headers as they must be, by one whose check was right. */
  verified = false;

  /** A frame as it is sent: the same one, with its check. */
  outgoing(frame: Frame): Frame {
    // Every frame is made to be sent once, and a copy would cost more than the check.
    if (this.enabled && isChecked(frame)) frame.check = frameCheck(frame);
    return frame;
  }

  /** Throws EBADMSG for a frame that was damaged. */
  incoming(frame: Frame | UnknownFrame): void {
    compareCheck(frame, this.required);
  }

  /** What it means that a header cannot be read: of a peer that can write, another connection may carry it whole. */
  unreadable(error: TransferError): TransferError {
    if (!this.verified || error.code !== 'EPROTO') return error;
    return new TransferError('EPROTO', error.reason, { retryable: true, cause: error.cause });
  }
}
