/** Reads and writes whole files in memory. */
import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { withCallStack } from '../../errors.js';
import { bufferPool } from '../../buffers/buffer-pool.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { parseNonRootPath } from '../request/path-argument.js';
import { progressOption } from '../request/progress.js';
import { isSource, openSource } from './piece-source.js';
import { uploadBuffer } from './upload-buffer.js';
import type { ClientContext } from '../request/client-context.js';
import { Download, downloadOptionNames, type DownloadOptions } from './download.js';
import { Upload } from './upload.js';
import {
  uploadConditions,
  uploadOptionNames,
  type StoredUpload,
  type UploadOptions,
} from './upload-stream.js';
import { writePieces } from './write-pieces.js';

/** Data of a file, or of a part of it. Strings are written as UTF-8. */
export type WriteFilePiece = string | ArrayBufferView | ArrayBuffer;

/** The data of `writeFile`: a string, bytes, or a Blob, web ReadableStream, Readable or other iterable of them. */
export type WriteFileData =
  | WriteFilePiece
  | Blob
  | ReadableStream<WriteFilePiece>
  | Iterable<WriteFilePiece>
  | AsyncIterable<WriteFilePiece>;

/** The options of `FileClient.readFile()`. */
export interface ReadFileOptions extends DownloadOptions {
  /** Encoding of the string with which the call resolves. Default: it resolves with a Buffer. */
  encoding?: BufferEncoding | undefined;
}

/** Reads a whole file. */
export async function readFile(
  context: ClientContext,
  path: string,
  options: BufferEncoding | ReadFileOptions,
): Promise<Buffer | string> {
  const { encoding, ...rest } = typeof options === 'string' ? { encoding: options } : options;
  rejectUnknownOptions('readFile', rest, ['encoding', ...downloadOptionNames]);
  try {
    const bytes = await collect(new Download(context, path, rest));
    return encoding === undefined ? bytes : bytes.toString(encoding);
  } catch (error) {
    throw withCallStack(error);
  }
}

function collect(readable: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    readable.on('data', (piece: Buffer) => pieces.push(piece));
    readable.once('end', () => resolve(joined(pieces)));
    readable.once('error', reject);
  });
}

/** Joins pieces. A single one is returned as it is, the memory of several ones is reused. */
function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const whole = Buffer.concat(pieces);
  bufferPool.releaseAll(pieces);
  return whole;
}

/** Writes a whole file. Resolves when the file is stored. Throws a TypeError for unsupported data. */
export async function writeFile(
  context: ClientContext,
  { path, data }: { path: string; data: WriteFileData },
  options: UploadOptions,
): Promise<StoredUpload> {
  rejectUnknownOptions('writeFile', options, uploadOptionNames);
  try {
    return await write(context, { path, data }, options);
  } catch (error) {
    throw withCallStack(error);
  }
}

function write(
  context: ClientContext,
  { path, data }: { path: string; data: WriteFileData },
  options: UploadOptions,
): Promise<StoredUpload> {
  const bytes = bytesOf(data);
  if (bytes) return writeBytes(context, { path, bytes }, options);
  const isBlob = data instanceof Blob;
  const pieces: unknown = isBlob ? data.stream() : data;
  if (!isSource(pieces)) throw wrongData(data);
  const sized = isBlob ? { size: data.size, ...options } : options;
  return writePieces(new Upload(context, path, sized), () => openSource(pieces), pieceBytes);
}

async function writeBytes(
  context: ClientContext,
  { path, bytes }: { path: string; bytes: Uint8Array },
  options: UploadOptions,
): Promise<StoredUpload> {
  // The size is known before: then a quota can refuse all of it at once.
  const conditions = uploadConditions({ size: bytes.length, ...options });
  const { stored } = await uploadBuffer(context, {
    path: parseNonRootPath('upload', path),
    bytes,
    conditions,
    options: options,
    onProgress: progressOption(options.onProgress),
  });
  return stored;
}

function pieceBytes(piece: unknown): Uint8Array {
  const bytes = bytesOf(piece);
  if (!bytes) throw wrongData(piece);
  return bytes;
}

/** The bytes of a string or of memory, not copied; undefined for anything else. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return types.isArrayBuffer(data) ? new Uint8Array(data) : undefined;
}

function wrongData(given: unknown): TypeError {
  const shown = Object.prototype.toString.call(given);
  return new TypeError(
    `writeFile takes a string, an ArrayBuffer or a view of one, a Blob, a ReadableStream, or an iterable of strings and bytes, not ${shown}. For an object, write JSON.stringify(object).`,
  );
}
