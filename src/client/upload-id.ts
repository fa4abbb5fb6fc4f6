/** The ids of uploads, under which they can be gone on with. */
import { randomUUID } from 'node:crypto';

/** An id that nobody guesses. Random bytes of one's own for each cost as much as all else that an upload begins with. */
export function newUploadId(): string {
  return randomUUID().replaceAll('-', '');
}
