/** Whole files from and to memory, over the same streams as everything else. */
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { spareBuffers } from '../memory/spare-buffers.js';
import type { StoredUpload, UploadStream } from './upload-stream.js';

/** What `writeFile` takes: text (written as UTF-8), bytes, or pieces of either. */
export type FileData =
  string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** All bytes of a download. */
export function collect(readable: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    readable.on('data', (piece: Buffer) => pieces.push(piece));
    readable.once('end', () => resolve(joined(pieces)));
    readable.once('error', reject);
  });
}

/** All of the pieces; the memory of a single one is the caller's, that of others is used again. */
function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const whole = Buffer.concat(pieces);
  spareBuffers.giveAll(pieces);
  return whole;
}

/** Throws a TypeError for data that no file can be made of. Called before an upload is begun. */
export function checkFileData(data: FileData): void {
  if (isPiece(data)) return;
  // Whatever the types say: this is for programs without them.
  const given: unknown = data;
  const isIterable =
    typeof given === 'object' &&
    given !== null &&
    (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (!isIterable || ArrayBuffer.isView(given)) throw noData(given);
}

/** How many bytes it will be, where that is known before: then a quota can refuse all of it at once. */
export function sizeOf(data: FileData): number | undefined {
  return isPiece(data) ? Buffer.byteLength(data) : undefined;
}

/** Writes all of it; resolves when it is stored. */
export async function writeAll(upload: UploadStream, data: FileData): Promise<StoredUpload> {
  if (isPiece(data)) await endWith(upload, data);
  else await pipeline(Readable.from(piecesOf(data)), upload);
  return upload.stored;
}

async function* piecesOf(
  data: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  for await (const piece of data) {
    if (!isPiece(piece)) throw noData(piece);
    yield piece;
  }
}

function isPiece(data: unknown): data is string | Uint8Array {
  return typeof data === 'string' || data instanceof Uint8Array;
}

function noData(given: unknown): TypeError {
  return new TypeError(
    `A file is written from text, bytes (Uint8Array), or an iterable of them, not ${String(given)}.`,
  );
}

function endWith(writable: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    writable.once('error', reject);
    writable.once('finish', resolve);
    writable.end(data);
  });
}
