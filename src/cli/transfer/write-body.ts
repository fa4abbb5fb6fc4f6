/** Copies a download to a stream that stays open, such as standard output. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** Resolves with the number of bytes when the whole body has been verified and handed to the stream. */
export async function writeBody(body: Readable, target: Writable): Promise<number> {
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (!target.write(piece)) await once(target, 'drain');
  }
  return bytes;
}
