/**
 * Sends small files, which are whole in memory, many in one request.
 *
 *     upload(file) ... -> BatchQueue -> uploadBatch -> stored
 */
import type { TransferError } from '../../../../errors.js';
import type { FileEntry } from '../../../../protocol/entry.js';
import type { RemotePath } from '../../../../protocol/remote-path.js';
import { BatchQueue } from '../../../batches/batch-queue.js';
import { downloadBatch, type DownloadedFile, type FileToDownload } from '../../../batches/download-batch.js';
import { uploadBatch } from '../../../batches/upload-batch.js';
import type { UploadConditions } from '../../../streams/upload-stream.js';
import type { SyncEnd } from '../sync-client.js';

/** Largest small file in bytes. */
export const MAX_SMALL_BYTES = 64 * 1024;

/** Connections that may be lost while a file is uploaded. Between them the client waits as it reconnects. */
const MAX_ATTEMPTS = 10;

/** A file to upload. */
export interface SmallUpload {
  readonly path: RemotePath;
  /** Must not be changed until the upload has ended. */
  readonly bytes: Uint8Array;
  readonly conditions: UploadConditions;
  /** Called if the bytes are in no queue any more. */
  readonly free: () => void;
}

/** A file to download. */
interface SmallDownload {
  readonly path: RemotePath;
  readonly ifMatch: string | undefined;
  /** Bytes that it may have. Default: those of the largest small file. */
  readonly size?: number | undefined;
}

/** A downloaded file; its bytes are verified. */
export interface SmallDownloaded {
  readonly entry: FileEntry;
  readonly bytes: Buffer;
}

export interface SmallFileSender {
  /**
   * Uploads files in one request, at most 1 MiB of them. Resolves with an outcome for each: `'lost'` if the connection was lost
   * before the answer and the file is not stored, so that it may be uploaded again.
   */
  uploadAll(files: readonly SmallUpload[]): Promise<readonly ('done' | 'lost' | TransferError)[]>;
  /** Downloads files in one request, at most 1 MiB of them. */
  downloadAll<File extends FileToDownload>(files: readonly File[]): Promise<readonly DownloadedFile<File>[]>;
  /** Fails as an upload. */
  upload(file: SmallUpload): Promise<void>;
  /** Fails as a download; EFBIG if the file is not small any more. */
  download(file: SmallDownload): Promise<SmallDownloaded>;
}

/** Sends files in batches. They must not depend on each other. */
export function smallFileSender({ context, scope }: SyncEnd): SmallFileSender {
  const options = { signal: scope.signal };
  const uploads = new BatchQueue((files: readonly SmallUpload[]) => uploadBatch(context, files, options));
  const downloads = new BatchQueue((files: readonly FileToDownload[]) =>
    downloadBatch(context, files, options),
  );
  const upload = async (file: SmallUpload): Promise<TransferError | undefined> =>
    (await uploads.add(file, file.bytes.length)).error;
  // After a loss the file was looked for, and is not stored. Its conditions prevent that another one is replaced.
  const isLost = (error: TransferError): boolean => isLoss(error) && context.dispatcher.reconnects;
  return {
    async uploadAll(files) {
      try {
        const outcomes = await uploadBatch(context, files, options);
        return outcomes.map(({ error }) => (error ? (isLost(error) ? 'lost' : error) : 'done'));
      } finally {
        for (const { free } of files) free();
      }
    },
    downloadAll: (files) => downloadBatch(context, files, options),
    async upload(file) {
      try {
        for (let attempt = 1; ; attempt++) {
          const error = await upload(file);
          if (!error) return;
          if (attempt === MAX_ATTEMPTS || !isLost(error)) throw error;
        }
      } finally {
        file.free();
      }
    },
    async download({ path, ifMatch, size = MAX_SMALL_BYTES }) {
      const outcome = await downloads.add({ path, ifMatch, maxBytes: size }, size);
      if (outcome.error) throw outcome.error;
      return outcome;
    },
  };
}

/** Whether the connection was lost before the answer. */
function isLoss({ code, outcomeUnknown }: TransferError): boolean {
  return outcomeUnknown || code === 'ECONNRESET';
}
