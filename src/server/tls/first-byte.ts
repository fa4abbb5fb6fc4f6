/** What a stream begins with, without taking it away from whoever reads it next. */
import type { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';

/** The first byte that comes. Rejects with ECONNRESET where none does. */
export function firstByte(duplex: Duplex): Promise<number> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      duplex.off('readable', look).off('end', lost).off('close', lost);
    };
    const look = (): void => {
      const chunk = duplex.read() as Buffer | null;
      // It is said to be readable before its end, too.
      if (chunk === null) return;
      leave();
      duplex.unshift(chunk);
      resolve(chunk.readUInt8(0));
    };
    const lost = (): void => {
      leave();
      reject(new TransferError('ECONNRESET', 'The client ended the connection before it said anything.'));
    };
    duplex.on('readable', look).on('end', lost).on('close', lost);
    if (duplex.destroyed) lost();
  });
}
