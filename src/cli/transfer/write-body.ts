/** Copies a download to a stream that stays open, such as standard output. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** Resolves when the whole body has been verified and handed to the stream. */
export async function writeBody(body: Readable, target: Writable): Promise<number> {
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    // A buffer is used again for later pieces only after the write has ended: a stream keeps what it has not written.
    if (!target.write(piece)) await once(target, 'drain');
  }
  return bytes;
}
