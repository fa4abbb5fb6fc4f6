import { TransferError } from '../../errors.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import type { FrameOf } from '../../protocol/frames.js';

/** Throws EBADMSG if size or checksum of a received body differ from those in the client's `end` frame. */
export function compareEnd(check: BodyChecksum, end: FrameOf<'end'>): void {
  if (end.checksum !== undefined && !end.checksum.startsWith(`${check.algorithm}:`)) {
    throw new TransferError('EINVAL', `The checksum of the body is not of the algorithm ${check.algorithm}.`);
  }
  // A client need not send a checksum.
  check.compare({ bytes: end.size, checksum: end.checksum ?? check.digest() });
}
