/**
 * Sends small files, which are whole in memory. One request each; the interface lets many files share one.
 *
 *     upload(file) ... -> a request each -> stored
 */
import { TransferError } from '../../../../errors.js';
import { unlessMissing } from '../../../../fs/errno.js';
import type { FileEntry } from '../../../../protocol/entry.js';
import type { RemotePath } from '../../../../protocol/remote-path.js';
import { Download } from '../../../streams/download.js';
import { uploadBuffer } from '../../../streams/upload-buffer.js';
import type { UploadConditions } from '../../../streams/upload-stream.js';
import { collect } from '../../../whole-files/collect.js';
import type { SyncEnd } from '../sync-client.js';

/** Largest small file in bytes. */
export const MAX_SMALL_BYTES = 64 * 1024;

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
export interface SmallDownload {
  readonly path: RemotePath;
  readonly ifMatch: string | undefined;
}

/** A downloaded file; its bytes are verified. */
export interface SmallDownloaded {
  readonly entry: FileEntry;
  readonly bytes: Buffer;
}

export interface SmallFileSender {
  /** Fails as an upload. */
  upload(file: SmallUpload): Promise<void>;
  /** Fails as a download; EFBIG if the file is not small any more. */
  download(file: SmallDownload): Promise<SmallDownloaded>;
}

async function uploadOnce({ context, scope }: SyncEnd, file: SmallUpload): Promise<void> {
  const options = { signal: scope.signal };
  await uploadBuffer(context, { ...file, options, onProgress: undefined, isUnnamed: true });
}

/** Whether the server has stored the file, although its answer was lost: without the file there is another version. */
async function isStored(
  { client, scope }: SyncEnd,
  { path, bytes, conditions }: SmallUpload,
): Promise<boolean> {
  const entry = await unlessMissing(client.stat(path, { signal: scope.signal }));
  return entry?.size === bytes.length && entry.mtime.getTime() === conditions.mtime;
}

/** Sends each file by a request of its own. */
export function singleFileSender(end: SyncEnd): SmallFileSender {
  const { context, scope } = end;
  return {
    async upload(file) {
      try {
        return await uploadOnce(end, file);
      } catch (error) {
        if (!(error instanceof TransferError) || !error.outcomeUnknown) throw error;
        if (!(await isStored(end, file))) await uploadOnce(end, file);
      }
    },
    async download({ path, ifMatch }) {
      const download = new Download(context, path, { ifMatch, signal: scope.signal });
      const [entry, bytes] = await Promise.all([download.entry, collect(download, MAX_SMALL_BYTES)]);
      return { entry, bytes };
    },
  };
}
