/** How an abusive peer splits its bytes, and how it disconnects. */
import type { Socket } from 'node:net';

/** Bytes of a piece; Infinity for all at once. */
export type Cut = number;

/** The ways to cut. */
export const cuts: readonly Cut[] = [Infinity, 1460, 7, 1];

/** Bytes at the start and the end that are sent one by one; those between are sent at once. */
const CUT_BYTES = 1_500;

/** Bytes of the pieces in between. */
const BULK_BYTES = 16 * 1024;

/** Sends bytes in pieces, each in a turn of its own of the event loop. Stops where the connection is gone. */
export async function sendInPieces(socket: Socket, bytes: Buffer, cut: Cut): Promise<void> {
  for (let at = 0; at < bytes.length && socket.writable;) {
    const isBulk = at >= CUT_BYTES && at < bytes.length - CUT_BYTES;
    const size = cut === Infinity || !isBulk ? cut : Math.max(cut, BULK_BYTES);
    socket.write(bytes.subarray(at, at + size));
    at += size;
    if (at < bytes.length) await new Promise((resolve) => setImmediate(resolve));
  }
}
