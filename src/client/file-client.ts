/**
 * FileClient: the public methods of a client. The connection is made by the first request.
 *
 *     download(), upload(), ... -> Request -> Dispatcher -> ClientConnection: ClientChannel -> ClientSession -> Endpoint -> socket
 */
import type { CallOptions } from './request/abort.js';
import type { AnyMethods, SharedApi } from '../protocol/methods/shared-api.js';
import { lazyModule } from '../lazy-module.js';
import { contextOf } from './base-client.js';
import type { ComparisonOptions, PlanOptions, PlanProgressOptions } from './directories/options.js';
import { checkDirectories, planSync } from './directories/plan-sync.js';
import type { SyncPlan } from './directories/plan/sync-plan.js';
import { MethodClient } from './method-client.js';
import { Download, type DownloadOptions, type DownloadStream } from './streams/download.js';
import type { DownloadedFile } from './local/download-file.js';
import type { DownloadFileOptions } from './local/download-file-settings.js';
import type { UploadedFile, UploadFileOptions } from './local/file-upload-settings.js';
import type { ApplyOptions, DirectoryOptions, SyncOptions } from './directories/apply/options.js';
import type { SyncActions } from './directories/apply/sync-actions.js';
import type { SyncResult } from './directories/apply/result-counter.js';
import type { SyncPlace } from './directories/sync-place.js';
import { quotaStatus, type QuotaStatus } from './quota-status.js';
import { Upload } from './streams/upload.js';
import { uploadStatus, type UploadStatus } from './streams/upload-status.js';
import type { AppendOptions, StoredUpload, UploadOptions, UploadStream } from './streams/upload-stream.js';
import { readFile, writeFile, type ReadFileOptions, type WriteFileData } from './whole-files/write-file.js';

// Most programs use one of these parts, or none.
const downloadModule = lazyModule(() => import('./local/download-file.js'));
const uploadModule = lazyModule(() => import('./local/upload-file.js'));
const directoriesModule = lazyModule(() => import('./directories/apply/sync.js'));

/**
 * A file client. Every failure is a {@link TransferError}; paths are `/`-separated, from the root of the server's storage.
 * The type parameter is the interface of the methods that the server shares.
 *
 * @example
 * ```ts
 * const client = new FileClient({ port: 2121 });
 * await pipeline(client.download('report.txt'), fs.createWriteStream('report.txt'));
 * ```
 */
export class FileClient<Api extends SharedApi<Api> = AnyMethods> extends MethodClient<Api> {
  readonly #context = contextOf(this);

  /** Downloads a file, or a part of it, as a Readable. Fails with ENOENT, EISDIR, ERANGE, ESTALE, ... */
  download(path: string, options: DownloadOptions = {}): DownloadStream {
    return new Download(this.#context, path, options);
  }

  /** Uploads a file as a Writable, which emits `finish` when the file is stored. Fails with EROFS, EEXIST, ESTALE, ... */
  upload(path: string, options: UploadOptions = {}): UploadStream {
    return new Upload(this.#context, path, options);
  }

  /** Adds bytes to the end of a file, as a Writable. Until its `finish` the older file stands. Fails with ENOENT, ESTALE, ... */
  append(path: string, options: AppendOptions = {}): UploadStream {
    return new Upload(this.#context, path, options, 'append');
  }

  /**
   * Downloads a file into a local one, which appears only when it is complete and verified. A later call with the same
   * paths, also in another process, resumes the download. Fails as `download`, and with the codes of the local file
   * system: EBUSY while another call writes the file, EEXIST, EISDIR, ENOSPC, EACCES, ...
   */
  async downloadFile(
    path: string,
    localPath: string | URL,
    options: DownloadFileOptions = {},
  ): Promise<DownloadedFile> {
    const { downloadFile } = await downloadModule();
    return downloadFile(this.#context, { path, localPath }, options);
  }

  /**
   * Uploads a local file. A later call with the same paths, also in another process, resumes the upload if the local file
   * is unchanged. Fails as `upload`, and with the codes of the local file system. If the local file changes while it is
   * read, the upload fails with ESTALE and nothing is stored.
   */
  async uploadFile(
    localPath: string | URL,
    path: string,
    options: UploadFileOptions = {},
  ): Promise<UploadedFile> {
    const { uploadFile } = await uploadModule();
    return uploadFile(this.#context, { localPath, path }, options);
  }

  /** Reads a whole file into memory: as a Buffer, or with an encoding as a string. */
  readFile(path: string, options?: ReadFileOptions & { encoding?: undefined }): Promise<Buffer>;
  readFile(
    path: string,
    options: BufferEncoding | (ReadFileOptions & { encoding: BufferEncoding }),
  ): Promise<string>;
  async readFile(path: string, options: BufferEncoding | ReadFileOptions = {}): Promise<Buffer | string> {
    return readFile(this.#context, path, options);
  }

  /** Writes a whole file from memory or from an iterable. Resolves when the file is stored. */
  async writeFile(path: string, data: WriteFileData, options: UploadOptions = {}): Promise<StoredUpload> {
    return writeFile(this.#context, { path, data }, options);
  }

  /**
   * Resolves with the status of an upload by its id (`UploadStream.uploadId`), or with undefined if the server does not
   * know it. Changes nothing: the upload is neither taken over nor kept for longer.
   */
  async uploadStatus(
    path: string,
    uploadId: string,
    options: CallOptions = {},
  ): Promise<UploadStatus | undefined> {
    return uploadStatus(this.#context, { path, uploadId }, options);
  }

  /**
   * Plans what makes the directory `to` equal to `from`, of which one is local and the other on the server; changes nothing.
   * Fails with ESAFETY before the first delete if there are too many, and with ENOENT if the source is missing.
   */
  planSync(from: SyncPlace, to: SyncPlace, options: PlanOptions & PlanProgressOptions = {}): SyncPlan {
    return planSync(this, { from, to }, options);
  }

  /**
   * Compares two directories, of which one is local and the other on the server. Yields the actions that would make `to`
   * equal to `from`; afterwards `counts` has the numbers of files.
   */
  check(from: SyncPlace, to: SyncPlace, options: ComparisonOptions & PlanProgressOptions = {}): SyncPlan {
    return checkDirectories(this, { from, to }, options);
  }

  /**
   * Makes the directory `to` equal to `from`, of which one is local and the other on the server: sends new and changed files,
   * and in the mode `'mirror'` deletes what only `to` has. A failing file does not stop the rest: look at `isComplete` and
   * `failed` of the result. Rejects with ESAFETY, ENOSPC, ESHUTDOWN and other errors after which no file could succeed. After
   * an interruption, the same call does the rest.
   */
  async sync(from: SyncPlace, to: SyncPlace, options: SyncOptions = {}): Promise<SyncResult> {
    const { sync } = await directoriesModule();
    return sync({ client: this, context: this.#context }, { from, to }, options);
  }

  /** Uploads a local directory with its contents: `sync` without deletes. */
  async uploadDirectory(
    localPath: string | URL,
    path: string,
    options: DirectoryOptions = {},
  ): Promise<SyncResult> {
    const places = { what: 'uploadDirectory', from: { local: localPath }, to: { remote: path } };
    const { copyDirectory } = await directoriesModule();
    return copyDirectory({ client: this, context: this.#context }, places, options);
  }

  /** Downloads a directory with its contents: `sync` without deletes. */
  async downloadDirectory(
    path: string,
    localPath: string | URL,
    options: DirectoryOptions = {},
  ): Promise<SyncResult> {
    const places = { what: 'downloadDirectory', from: { remote: path }, to: { local: localPath } };
    const { copyDirectory } = await directoriesModule();
    return copyDirectory({ client: this, context: this.#context }, places, options);
  }

  /**
   * Carries out a plan of `planSync` that was made before, and may have been written as JSON. An action whose source or
   * target is not as the plan says is not carried out, and listed in the result. Rejects as `sync`.
   */
  async applyPlan(
    plan: SyncActions,
    places: { from: SyncPlace; to: SyncPlace },
    options: ApplyOptions = {},
  ): Promise<SyncResult> {
    const { applyPlan } = await directoriesModule();
    return applyPlan({ client: this, context: this.#context }, { plan, ...places }, options);
  }

  /** Resolves with what the identity of this client stores, and may store: only what the server counts and limits. */
  async quota(options: CallOptions = {}): Promise<QuotaStatus> {
    return quotaStatus(this.#context, options);
  }
}
