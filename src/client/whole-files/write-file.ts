/** Reads and writes whole files in memory. */
import { constants } from 'node:buffer';
import { types } from 'node:util';
import { TransferError, withCallStack } from '../../errors.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { parseFilePath } from '../request/path-argument.js';
import { progressOption } from '../request/progress.js';
import { collect, withinMemory } from './collect.js';
import { isSource, openSource } from './piece-source.js';
import { uploadBuffer } from '../streams/upload-buffer.js';
import type { ClientContext } from '../request/client-context.js';
import { Download, downloadOptionNames, type DownloadOptions } from '../streams/download.js';
import { Upload } from '../streams/upload.js';
import {
  uploadConditions,
  uploadOptionNames,
  type StoredUpload,
  type UploadOptions,
} from '../streams/upload-stream.js';
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
  if (encoding !== undefined && !Buffer.isEncoding(encoding))
    throw new TypeError(`The option encoding must be an encoding of Buffer, not ${String(encoding)}.`);
  try {
    const bytes = await collect(new Download(context, path, rest), maxBytesOf(encoding));
    return encoding === undefined ? bytes : withinMemory(() => bytes.toString(encoding));
  } catch (error) {
    // Errors thrown by onProgress stay as they are.
    throw error instanceof TransferError
      ? withCallStack(TransferError.from(error, { operation: 'download', path }))
      : error;
  }
}

/** The bytes of a file that fit into a Buffer, or into a string of the encoding. */
function maxBytesOf(encoding: BufferEncoding | undefined): number {
  if (encoding === undefined) return constants.MAX_LENGTH;
  const name = encoding.toLowerCase();
  if (name === 'hex') return Math.floor(constants.MAX_STRING_LENGTH / 2);
  if (name.startsWith('base64')) return Math.floor((constants.MAX_STRING_LENGTH * 3) / 4);
  return constants.MAX_STRING_LENGTH * (/^(?:ucs|utf-?16)/.test(name) ? 2 : 1);
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
    path: parseFilePath('upload', path),
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
