/**
 * Writes a source of pieces to an upload. The upload decides when this ends: it does not wait for a source that waits.
 *
 *     next -> bytes -> write -> drain -> next ... -> end
 *     the upload closes early -> stop
 */
import { nextTurn } from '../../clock.js';
import type { PieceSource } from './piece-source.js';
import type { Upload } from '../streams/upload.js';
import type { StoredUpload } from '../streams/upload-stream.js';

/** Pieces after which other events are processed: a source that never waits must not keep out a time limit. */
const PIECES_PER_TURN = 1_024;

/** Resolves when the upload is stored. Rejects with its error, or with what the source or `toBytes` throws. */
export async function writePieces(
  upload: Upload,
  open: () => PieceSource,
  toBytes: (piece: unknown) => Uint8Array,
): Promise<StoredUpload> {
  try {
    return await Promise.race([upload.completed, writeAll(upload, open(), toBytes)]);
  } finally {
    upload.destroy();
  }
}

async function writeAll(
  upload: Upload,
  source: PieceSource,
  toBytes: (piece: unknown) => Uint8Array,
): Promise<StoredUpload> {
  const stop = (): void => source.stop();
  upload.once('close', stop);
  const next: PieceSource['next'] = async () => {
    try {
      return await source.next();
    } catch (thrown) {
      upload.off('close', stop);
      throw thrown;
    }
  };
  for (let count = 1; !upload.destroyed; count++) {
    const { done, value } = await next();
    if (done) {
      upload.off('close', stop);
      upload.end();
      break;
    }
    // An iterable may yield promises.
    const bytes = toBytes(await value);
    if (bytes.length > 0 && !upload.destroyed && !upload.write(bytes)) await drained(upload);
    if (count % PIECES_PER_TURN === 0) await nextTurn();
  }
  return upload.completed;
}

/** Never resolves if the upload fails before. */
function drained(upload: Upload): Promise<void> {
  return new Promise((resolve) => upload.once('drain', resolve));
}
