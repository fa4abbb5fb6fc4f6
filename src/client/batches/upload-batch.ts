/** Uploads small files, many in one request. */
import { createChecksum } from '../../protocol/checksum.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import { MAX_BATCHED_FILE_BYTES } from '../../protocol/limits.js';
import { TransferError } from '../../errors.js';
import { stat } from '../request/call-on-named.js';
import type { ClientContext } from '../request/client-context.js';
import { parseFilePath } from '../request/path-argument.js';
import { uploadBuffer } from '../streams/upload-buffer.js';
import type { UploadConditions } from '../streams/upload-stream.js';
import { fileChecksum } from '../whole-files/file-checksum.js';
import type { BatchedRequest } from './encode-batch.js';
import { sendInBatches, type BatchOptions, type FileOutcome } from './send-in-batches.js';

/** A file to upload. */
export interface FileToUpload {
  readonly path: string;
  /** At most 65,536 bytes, which must not change until the file has its outcome. */
  readonly bytes: Uint8Array;
  /** Default: the file replaces another one. */
  readonly conditions?: UploadConditions | undefined;
}

/** What has become of a file. */
export type UploadedFileOfBatch<File extends FileToUpload> = FileOutcome<File, { readonly entry: FileEntry }>;

/**
 * Uploads files in one request. Each appears whole or not at all, and once. Resolves with their outcomes in the same order; a file
 * that fails has an error, and the others are uploaded. Rejects when `options` end the call.
 */
export function uploadBatch<File extends FileToUpload>(
  context: ClientContext,
  files: readonly File[],
  options: BatchOptions = {},
): Promise<UploadedFileOfBatch<File>[]> {
  return sendInBatches(context, files, {
    operation: 'upload',
    options,
    requestOf: (file) => requestOf(context, file),
    resultOf: (file, { result }) => ({
      entry: storedEntry(file, parseEntry(withPath(result, file), 'file')),
    }),
    sendAlone: async (file) => ({ entry: await uploadAlone(context, file, options) }),
    findUnanswered: async (file, error) => ({ entry: await findStored(context, { file, options }, error) }),
  });
}

function requestOf(context: ClientContext, file: FileToUpload): BatchedRequest {
  const { path, bytes, conditions } = file;
  if (bytes.length > MAX_BATCHED_FILE_BYTES)
    throw new TransferError('EFBIG', `A file of ${bytes.length} bytes is too large for a batch.`);
  const fields = {
    op: 'upload',
    path: parseFilePath('upload', path),
    ...conditions,
    size: bytes.length,
    checksum: checksumOf(context, bytes),
  };
  return { fields, bytes };
}

function checksumOf({ checksum }: ClientContext, bytes: Uint8Array): string | undefined {
  const sum = createChecksum(checksum);
  sum.update(bytes);
  return sum.digest();
}

function withPath<Fields>(fields: Fields, { path }: FileToUpload): Fields & { path: string } {
  return { ...fields, path: parseFilePath('upload', path) };
}

function storedEntry({ bytes }: FileToUpload, entry: FileEntry): FileEntry {
  if (entry.size === bytes.length) return entry;
  const reason = `The stored file has ${entry.size} bytes, but ${bytes.length} bytes were sent.`;
  throw new TransferError('EBADMSG', reason);
}

async function uploadAlone(
  context: ClientContext,
  { path, bytes, conditions = {} }: FileToUpload,
  options: BatchOptions,
): Promise<FileEntry> {
  const { stored } = await uploadBuffer(context, {
    path: parseFilePath('upload', path),
    // A copy: a channel that was lost may still hold it when the file has its outcome.
    bytes: Uint8Array.from(bytes),
    conditions: { ...conditions, size: bytes.length },
    options,
    onProgress: undefined,
    isUnnamed: true,
  });
  return stored;
}

/** The entry of a file whose answer was lost, if the path has its bytes; otherwise the error: the outcome is unknown. */
async function findStored(
  context: ClientContext,
  { file, options }: { file: FileToUpload; options: BatchOptions },
  error: TransferError,
): Promise<FileEntry> {
  const { path, bytes, conditions } = file;
  const sum = createChecksum('crc32');
  sum.update(bytes);
  try {
    const entry = await stat(context, path, options);
    // The version that the file was to replace may have the same bytes, with another time or other permission bits.
    const isReplaced = conditions?.ifMatch === undefined || conditions.ifMatch !== entry.etag;
    if (entry.kind === 'file' && entry.size === bytes.length && isReplaced) {
      const checksum = await fileChecksum(context, { path, algorithm: 'crc32' }, options);
      if (checksum === sum.digest()) return entry;
    }
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause;
  }
  throw error;
}
