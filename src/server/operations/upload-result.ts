/** What every upload says of its body, and is told of it. */
import { TransferError } from '../../errors.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import { entryFields, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';

/** Throws where the body that has come is not the one that was sent. */
export function checkUploadEnd(end: FrameOf<'end'>, check: BodyChecksum): void {
  if (end.checksum !== undefined && !end.checksum.startsWith(`${check.algorithm}:`)) {
    throw new TransferError('EINVAL', `The checksum of the body is not of the algorithm ${check.algorithm}.`);
  }
  // A client that sums up nothing may still compare what the result says.
  check.compare({ bytes: end.size, checksum: end.checksum ?? check.digest() });
}

/**
 * What is told of it when it is stored. All by name: an object that another one is spread into takes several times the
 * memory, and it is kept for long.
 */
export function uploadResult(entry: FileEntry, check: BodyChecksum): AnswerFields<'result'> {
  const { path, kind, size, mtime, etag } = entryFields(entry);
  return { path, kind, size, mtime, etag, bytes: check.bytes, checksum: check.digest() };
}

/** A body that is not as long as was announced. */
export function wrongSize(announced: number): TransferError {
  return new TransferError('EBADMSG', `The body has not the ${announced} bytes that were announced.`);
}
