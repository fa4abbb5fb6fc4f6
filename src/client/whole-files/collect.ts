/** Collects the bytes of a download in memory. */
import { bufferPool } from '../../buffers/buffer-pool.js';
import { TransferError } from '../../errors.js';
import type { Download } from '../streams/download.js';

/**
 * A larger range gets its memory when this many bytes of it have arrived, as a server may announce any size. A smaller one is
 * joined at its end.
 */
const MAX_JOINED_BYTES = 64 * 1024 * 1024;

/** Reads a download into one Buffer. EFBIG if it has more bytes. */
export function collect(download: Download, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const collected = new CollectedBytes();
    download.onRange = (bytes) => {
      if (bytes > maxBytes)
        throw tooLarge(`${bytes} bytes are too many for memory; the limit is ${maxBytes}.`);
      collected.total = bytes;
    };
    download.on('data', (piece: Buffer) => {
      try {
        collected.add(piece);
      } catch (error) {
        download.destroy(error as TransferError);
      }
    });
    download.once('end', () => resolve(collected.join()));
    download.once('error', reject);
  });
}

class CollectedBytes {
  /** Bytes of the range. */
  total = 0;
  #pieces: Buffer[] = [];
  #position = 0;
  #whole: Buffer | undefined;

  add(piece: Buffer): void {
    if (this.#whole) return this.#copy(piece);
    this.#pieces.push(piece);
    this.#position += piece.length;
    if (this.#position >= MAX_JOINED_BYTES) this.#allocate();
  }

  join(): Buffer {
    return this.#whole ?? joined(this.#pieces);
  }

  #allocate(): void {
    this.#whole = withinMemory(() => Buffer.allocUnsafeSlow(this.total));
    this.#position = 0;
    for (const piece of this.#pieces) this.#copy(piece);
    this.#pieces = [];
  }

  #copy(piece: Buffer): void {
    this.#position += piece.copy(this.#whole as Buffer, this.#position);
    bufferPool.releaseAll([piece]);
  }
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
