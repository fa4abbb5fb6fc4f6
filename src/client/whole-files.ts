/** Whole files from and to memory, over the same streams as everything else. */
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StoredUpload, UploadStream } from './upload.js';

/** What `writeFile` takes: text (written as UTF-8), bytes, or pieces of either. */
export type FileData =
  string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** All bytes of a Readable. */
export function collect(readable: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    readable.on('data', (piece: Buffer) => pieces.push(piece));
    readable.once('end', () => resolve(Buffer.concat(pieces)));
    readable.once('error', reject);
  });
}

/** Writes all of it; resolves when it is stored. */
export async function writeAll(upload: UploadStream, data: FileData): Promise<StoredUpload> {
  if (typeof data === 'string' || data instanceof Uint8Array) await endWith(upload, data);
  else await pipeline(Readable.from(data), upload);
  return upload.stored;
}

function endWith(writable: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    writable.once('error', reject);
    writable.once('finish', resolve);
    writable.end(data);
  });
}
