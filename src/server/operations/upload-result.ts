/** The end of an upload: checks its body, and makes its result. */
import { TransferError } from '../../errors.js';
import type { BodyChecksum } from '../../protocol/body-checksum.js';
import { entryFields, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';

/** Throws EBADMSG if size or checksum of the received body differ from those in the `end` frame. */
export function checkUploadEnd(end: FrameOf<'end'>, check: BodyChecksum): void {
  if (end.checksum !== undefined && !end.checksum.startsWith(`${check.algorithm}:`)) {
    throw new TransferError('EINVAL', `The checksum of the body is not of the algorithm ${check.algorithm}.`);
  }
  // A client that sends no checksum can still compare the one in the result.
  check.compare({ bytes: end.size, checksum: end.checksum ?? check.digest() });
}

/**
 * The result of a stored upload. Each field is named, because the result is remembered: an object made by spreading
 * another one takes several times the memory.
 */
export function uploadResult(entry: FileEntry, check: BodyChecksum): AnswerFields<'result'> {
  const { path, kind, size, mtime, etag, mode } = entryFields(entry);
  return { path, kind, size, mtime, etag, mode, bytes: check.bytes, checksum: check.digest() };
}

/** The error of a body whose size differs from the announced one. */
export function wrongSize(announced: number): TransferError {
  return new TransferError('EBADMSG', `The body does not have the announced size of ${announced} bytes.`);
}
