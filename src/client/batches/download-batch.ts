/** Downloads small files, many in one request. */
import { TransferError } from '../../errors.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import { MAX_BATCHED_FILE_BYTES } from '../../protocol/limits.js';
import type { ClientContext } from '../request/client-context.js';
import { parseFilePath } from '../request/path-argument.js';
import { Download } from '../streams/download.js';
import type { BatchAnswer } from './batch-answers.js';
import { sendInBatches, type BatchOptions, type FileOutcome } from './send-in-batches.js';

/** A file to download. */
export interface FileToDownload {
  readonly path: string;
  /** Bytes that it may have, at most 65,536, which is the default. More of them are EFBIG. */
  readonly maxBytes?: number | undefined;
  /** The etag that it must have; otherwise ESTALE. */
  readonly ifMatch?: string | undefined;
}

/** What has become of a file. */
export type DownloadedFile<File extends FileToDownload> = FileOutcome<
  File,
  { readonly entry: FileEntry; readonly bytes: Buffer }
>;

/**
 * Downloads files in one request, at most 1 MiB of them. Resolves with their outcomes in the same order; a file that fails has
 * an error, and the others are downloaded. Rejects when `options` end the call.
 */
export function downloadBatch<File extends FileToDownload>(
  context: ClientContext,
  files: readonly File[],
  options: BatchOptions = {},
): Promise<DownloadedFile<File>[]> {
  return sendInBatches(context, files, {
    operation: 'download',
    options,
    requestOf: ({ path, maxBytes = MAX_BATCHED_FILE_BYTES, ifMatch }) => ({
      fields: { op: 'download', path: parseFilePath('download', path), maxBytes, ifMatch },
    }),
    resultOf: ({ path }, answer) => downloaded(path, answer),
    sendAlone: (file) => downloadAlone(context, file, options),
  });
}

function downloaded(
  path: string,
  { result, bytes }: Exclude<BatchAnswer, TransferError>,
): { entry: FileEntry; bytes: Buffer } {
  return { entry: parseEntry({ ...result, path: parseFilePath('download', path) }, 'file'), bytes };
}

async function downloadAlone(
  context: ClientContext,
  { path, ifMatch, maxBytes = MAX_BATCHED_FILE_BYTES }: FileToDownload,
  options: BatchOptions,
): Promise<{ entry: FileEntry; bytes: Buffer }> {
  const download = new Download(context, path, { ...options, ifMatch });
  const entry = await download.entry;
  if (entry.size > maxBytes) {
    download.destroy();
    throw new TransferError('EFBIG', `The file has ${entry.size} bytes, more than ${maxBytes}.`);
  }
  const pieces: Buffer[] = [];
  for await (const piece of download) pieces.push(piece as Buffer);
  return { entry, bytes: Buffer.concat(pieces) };
}
