/** Whole files from and to memory. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bufferPool } from '../../buffers/buffer-pool.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { parseNonRootPath } from '../request/path-argument.js';
import { BufferUpload } from './buffer-upload.js';
import type { ClientContext } from '../request/client-context.js';
import { Upload } from './upload.js';
import {
  uploadConditions,
  uploadOptionNames,
  type StoredUpload,
  type UploadOptions,
} from './upload-stream.js';

/** What `writeFile` takes: text (written as UTF-8), bytes, or pieces of either. */
export type WriteFileData =
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
  bufferPool.releaseAll(pieces);
  return whole;
}

/** Writes a whole file; resolves when it is stored. Throws a TypeError for data that no file can be made of. */
export async function writeFile(
  requester: ClientContext,
  { path, data }: { path: string; data: WriteFileData },
  options: UploadOptions,
): Promise<StoredUpload> {
  checkFileData(data);
  rejectUnknownOptions('writeFile', options, uploadOptionNames);
  if (!isPiece(data)) {
    const upload = new Upload(requester, path, options);
    await pipeline(Readable.from(piecesOf(data)), upload);
    return upload.completed;
  }
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  // The size is known before: then a quota can refuse all of it at once.
  const conditions = uploadConditions({ size: bytes.length, ...options });
  const { stored } = await BufferUpload.run(requester, {
    path: parseNonRootPath('upload', path),
    bytes,
    conditions,
    limits: options,
  });
  return stored;
}

function checkFileData(data: WriteFileData): void {
  if (isPiece(data)) return;
  // Whatever the types say: this is for programs without them.
  const given: unknown = data;
  const isIterable =
    typeof given === 'object' &&
    given !== null &&
    (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (!isIterable || ArrayBuffer.isView(given)) throw noData(given);
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
