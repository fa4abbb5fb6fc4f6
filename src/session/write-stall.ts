/**
 * Write stall: a peer that takes nothing of what is written to it. Bytes that come from it prove that it lives, but one
 * that never reads keeps what is meant for it in memory all the same.
 */
import type { Duplex } from 'node:stream';
import { TransferError } from '../errors.js';

/** Destroys a duplex that holds bytes of which none has gone out for so long. Ends when the duplex is closed. */
export function watchWrites(duplex: Duplex, bytesWritten: () => number, stallMs: number): void {
  let goneBefore = -1;
  const timer = setInterval(() => {
    const gone = bytesWritten() - duplex.writableLength;
    const stalled = duplex.writableLength > 0 && gone === goneBefore;
    goneBefore = gone;
    if (stalled)
      duplex.destroy(new TransferError('ETIMEDOUT', 'The peer takes nothing of what is sent to it.'));
  }, stallMs).unref();
  duplex.once('close', () => clearInterval(timer));
}
