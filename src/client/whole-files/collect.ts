/** Collects the bytes of a download in memory. */
import { bufferPool } from '../../buffers/buffer-pool.js';
import { TransferError } from '../../errors.js';
import type { Download } from '../streams/download.js';

/** A range of so many bytes gets its memory before the first byte; a smaller one is joined when all has arrived. */
const ALLOCATED_AHEAD_BYTES = 64 * 1024 * 1024;

/** Reads a download into one Buffer. EFBIG if it has more bytes. */
export function collect(download: Download, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let whole: Buffer | undefined;
    let position = 0;
    download.onRange = (bytes) => {
      if (bytes > maxBytes)
        throw tooLarge(`${bytes} bytes are too many for memory; the limit is ${maxBytes}.`);
      if (bytes >= ALLOCATED_AHEAD_BYTES) whole = withinMemory(() => Buffer.allocUnsafeSlow(bytes));
    };
    download.on('data', (piece: Buffer) => {
      if (!whole) return pieces.push(piece);
      position += piece.copy(whole, position);
      return bufferPool.releaseAll([piece]);
    });
    download.once('end', () => resolve(whole ?? joined(pieces)));
    download.once('error', reject);
  });
}

/** EFBIG if Node cannot make a Buffer or string that is so large. */
export function withinMemory<Value>(make: () => Value): Value {
  try {
    return make();
  } catch (cause) {
    throw tooLarge('There is not enough memory for the file.', cause);
  }
}

function tooLarge(reason: string, cause?: unknown): TransferError {
  return new TransferError('EFBIG', reason, { cause });
}

/** Joins pieces. A single one is returned as it is, the memory of several ones is reused. */
function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const whole = Buffer.concat(pieces);
  bufferPool.releaseAll(pieces);
  return whole;
}
