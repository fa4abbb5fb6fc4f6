/** Uploads many small files, a batch of them in one request. */
import { createChecksum } from '../../protocol/checksum.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import { MAX_BATCHED_FILE_BYTES } from '../../protocol/limits.js';
import { TransferError } from '../../errors.js';
import { stat } from '../request/call-on-named.js';
import type { ClientContext } from '../request/client-context.js';
import { parseFilePath } from '../request/path-argument.js';
import { fileChecksum } from '../whole-files/file-checksum.js';
import { writeFile } from '../whole-files/write-file.js';
import type { BatchedRequest } from './encode-batch.js';
import { inBatches } from './in-batches.js';
import { sendInBatches, type BatchOptions, type FileOutcome } from './send-in-batches.js';

/** A file to upload. */
export interface FileToUpload {
  readonly path: string;
  /** At most 65,536 bytes, which must not change until the file has its result. */
  readonly bytes: Uint8Array;
  readonly mtime?: Date | undefined;
  /** Whether it may replace a file; otherwise EEXIST. Default true. */
  readonly overwrite?: boolean | undefined;
  /** The etag that the replaced file must have; otherwise ESTALE. */
  readonly ifMatch?: string | undefined;
  /** Whether the file must be on the disk of the server. Default: the server decides. */
  readonly flush?: boolean | undefined;
}

/** What has become of a file. */
export type UploadedBatchFile<File extends FileToUpload> = FileOutcome<File, { readonly entry: FileEntry }>;

/**
 * Uploads files, in any order; each appears whole or not at all, and once. A file that fails is a result with its error, and
 * the others go on. Rejects when `options` end the call.
 */
export function uploadFiles<File extends FileToUpload>(
  context: ClientContext,
  files: AsyncIterable<File> | Iterable<File>,
  options: BatchOptions = {},
): AsyncGenerator<UploadedBatchFile<File>, undefined, undefined> {
  return inBatches(files, {
    bytesOf: ({ bytes }) => bytes.length,
    send: (batch) => uploadBatch(context, batch, options),
  });
}

/** As `uploadFiles`, for files that fit into one batch. Resolves with their results in the same order. */
export function uploadBatch<File extends FileToUpload>(
  context: ClientContext,
  files: readonly File[],
  options: BatchOptions = {},
): Promise<UploadedBatchFile<File>[]> {
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
  const { path, bytes, mtime, overwrite, ifMatch, flush } = file;
  if (bytes.length > MAX_BATCHED_FILE_BYTES)
    throw new TransferError('EFBIG', `A file of ${bytes.length} bytes is too large for a batch.`);
  const fields = {
    op: 'upload',
    path: parseFilePath('upload', path),
    size: bytes.length,
    mtime: mtime?.getTime(),
    overwrite,
    ifMatch,
    flush,
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
  { path, bytes, mtime, overwrite, ifMatch, flush }: FileToUpload,
  options: BatchOptions,
): Promise<FileEntry> {
  const conditions = { mtime, overwrite, ifMatch, flush };
  return writeFile(context, { path, data: bytes }, { ...options, ...conditions });
}

/** The entry of a file whose answer was lost, if the path has its bytes; otherwise the error: the outcome is unknown. */
async function findStored(
  context: ClientContext,
  { file, options }: { file: FileToUpload; options: BatchOptions },
  error: TransferError,
): Promise<FileEntry> {
  const { path, bytes } = file;
  const sum = createChecksum('crc32');
  sum.update(bytes);
  try {
    const entry = await stat(context, path, options);
    if (entry.kind === 'file' && entry.size === bytes.length) {
      const checksum = await fileChecksum(context, { path, algorithm: 'crc32' }, options);
      if (checksum === sum.digest()) return entry;
    }
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause;
  }
  throw error;
}
