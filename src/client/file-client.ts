/**
 * FileClient: the public methods of a client. The connection is made by the first request.
 *
 *     download(), upload(), ... -> Request -> Dispatcher -> ClientConnection: ClientChannel -> ClientSession -> Endpoint -> socket
 */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { nextTick } from '../clock.js';
import { TransferError } from '../errors.js';
import type { ChecksumAlgorithm } from '../protocol/checksum.js';
import { parseEntry, type FileEntry } from '../protocol/entry.js';
import { graceMsOf, type CloseOptions } from '../session/close-options.js';
import { withoutPathCode } from '../session/transport/connection-error.js';
import type { CallOptions } from './request/abort.js';
import { callChange, callIdempotentChange } from './request/call.js';
import { remove, rename, stat, utimes } from './request/call-on-named.js';
import {
  recursiveFields,
  replaceFields,
  type MkdirOptions,
  type RemoveOptions,
  type ReplaceOptions,
} from './request/fields.js';
import { Download, type DownloadOptions, type DownloadStream } from './streams/download.js';
import { downloadFile, type DownloadedFile, type DownloadFileOptions } from './local/download-file.js';
import { EntryIterator, type Listing, type ListOptions } from './streams/entry-iterator.js';
import { uploadFile } from './local/upload-file.js';
import type { UploadedFile, UploadFileOptions } from './local/file-upload-settings.js';
import * as paths from './request/path-argument.js';
import { withConnection } from './request/with-connection.js';
import { closed } from './closed.js';
import { clientSettings, type FileClientOptions } from './options.js';
import { clientContext, type ClientContext } from './request/client-context.js';
import type { FileClientEvents } from './events.js';
import { quotaStatus, type QuotaStatus } from './quota-status.js';
import { StateIterator, type ClientState } from './state-iterator.js';
import { withUrlOptions } from './url-options.js';
import { Upload } from './streams/upload.js';
import { uploadStatus, type UploadStatus } from './streams/upload-status.js';
import type { AppendOptions, StoredUpload, UploadOptions, UploadStream } from './streams/upload-stream.js';
import { fileChecksum } from './whole-files/file-checksum.js';
import { readFile, writeFile, type ReadFileOptions, type WriteFileData } from './whole-files/write-file.js';

/**
 * A file client. Every failure is a {@link TransferError}; paths are `/`-separated, from the root of the server's storage.
 *
 * @example
 * ```ts
 * const client = new FileClient({ port: 2121 });
 * await pipeline(client.download('report.txt'), fs.createWriteStream('report.txt'));
 * ```
 */
export class FileClient extends EventEmitter<FileClientEvents> {
  readonly #context: ClientContext;
  readonly #iterators = new Set<StateIterator>();
  #closing: Promise<void> | undefined;

  /**
   * Makes a client, which connects when the first request needs a connection.
   *
   * @throws TypeError if an option is unknown, has the wrong type or is out of range
   */
  constructor(options?: FileClientOptions);
  /**
   * Makes a client of the server at a URL.
   *
   * @param url - `tcp://[user[:password]@]host[:port]`, or the same with `tls://`; user and password are percent-encoded
   * @throws TypeError if the URL or an option is wrong, or if an option differs from the URL
   */
  constructor(url: string | URL, options?: FileClientOptions);
  constructor(urlOrOptions: string | URL | FileClientOptions = {}, options?: FileClientOptions) {
    super();
    this.#context = clientContext(clientSettings(withUrlOptions(urlOrOptions, options)), {
      // Deferred: an exception of a listener must not reach the connection.
      onConnect: () => nextTick(() => this.emit('connect')),
      onDisconnect: (error) => nextTick(() => this.emit('disconnect', error)),
      onStateChange: (state) => {
        for (const iterator of this.#iterators) iterator.push(state);
        nextTick(() => this.emit('state', state));
      },
    });
  }

  /** The current state of the connection. */
  get state(): ClientState {
    return this.#context.dispatcher.state;
  }

  /** Iterates the current state and every later one; ends after `closed`. */
  states(): AsyncIterableIterator<ClientState> {
    const iterator = new StateIterator(this.state, () => this.#iterators.delete(iterator));
    this.#iterators.add(iterator);
    return iterator;
  }

  /** Connects now instead of at the first request. Resolves when the server has sent `welcome`. */
  async connect(options: CallOptions = {}): Promise<void> {
    await withConnection(this.#context, options, ({ opened }) => opened);
  }

  /**
   * Returns a connection as a Duplex of bytes, for embedding: `pipeline(duplex, client.endpoint(), duplex)`. From then
   * on the client makes no connections itself.
   *
   * @throws TransferError ESHUTDOWN if the client is closed, EBUSY if it already has a connection
   */
  endpoint(): Duplex {
    return this.#context.dispatcher.attachExternal();
  }

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
   * Lists a directory, by default the root, in no particular order; recursive: a directory comes before its contents.
   * Leaving a `for await` loop, or `await using`, cancels the request. After the end, `omitted` is the number of names that
   * no path can express. Fails with ENOENT, ENOTDIR, ...
   */
  list(path = '/', options: ListOptions = {}): Listing {
    return new EntryIterator(this.#context, path, options);
  }

  /** Resolves with all entries that `list` gives. */
  async readdir(path = '/', options: ListOptions = {}): Promise<FileEntry[]> {
    const entries: FileEntry[] = [];
    for await (const entry of this.list(path, options)) entries.push(entry);
    return entries;
  }

  /** Resolves with the entry at a path. Fails with ENOENT if there is none. */
  async stat(path: string, options: CallOptions = {}): Promise<FileEntry> {
    return stat(this.#context, path, options);
  }

  /** Whether there is a file or directory at a path. */
  async exists(path: string, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.stat(path, options);
      return true;
    } catch (error) {
      if (error instanceof TransferError && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
        return false;
      throw error;
    }
  }

  /** Creates a directory. Fails with EEXIST, or with ENOENT for a missing parent, unless recursive. */
  async mkdir(path: string, options: MkdirOptions = {}): Promise<void> {
    const { recursive, ...rest } = options;
    const fields = recursiveFields('mkdir', path, recursive);
    const call = recursive ? callIdempotentChange : callChange;
    const { path: made = fields.path } = await call(this.#context, fields, rest);
    paths.assertSamePath(fields.path, made);
  }

  /** Removes a file or an empty directory; recursive: a directory with its contents. Fails with ENOENT, ENOTEMPTY. */
  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    return remove(this.#context, path, options);
  }

  /** Renames a file or directory. Fails with ENOENT, or with EEXIST unless `overwrite` is true. */
  async rename(from: string, to: string, options: ReplaceOptions = {}): Promise<void> {
    return rename(this.#context, { from, to }, options);
  }

  /** Sets the modification time of a file or directory. Resolves with its entry, which may have another etag. */
  async utimes(path: string, mtime: Date, options: CallOptions = {}): Promise<FileEntry> {
    return utimes(this.#context, { path, mtime }, options);
  }

  /** Copies a file on the server. Resolves with the copy. Fails with ENOENT, EISDIR, or with EEXIST as `rename`. */
  async copy(from: string, to: string, options: ReplaceOptions = {}): Promise<FileEntry> {
    const { overwrite, ...rest } = options;
    const fields = replaceFields('copy', { from, to, overwrite });
    const result = await callChange(this.#context, fields, rest);
    paths.assertSamePath(fields.to, result.path);
    return parseEntry(result, 'file');
  }

  /** Resolves with the checksum of a file, computed on the server, such as `sha256:...` in lower-case hexadecimal. */
  async checksum(
    path: string,
    algorithm: Exclude<ChecksumAlgorithm, 'none'> = 'sha256',
    options: CallOptions = {},
  ): Promise<string> {
    return fileChecksum(this.#context, { path, algorithm }, options);
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

  /** Resolves with what the identity of this client stores, and may store: only what the server counts and limits. */
  async quota(options: CallOptions = {}): Promise<QuotaStatus> {
    return quotaStatus(this.#context, options);
  }

  /** Resolves with the round-trip time to the server in ms. Running transfers do not delay the answer. */
  async ping(options: CallOptions = {}): Promise<number> {
    return withConnection(this.#context, options, ({ session }) => session.ping());
  }

  /** Lets the connections of the client, present and later ones, keep the process alive, which is the default. */
  ref(): this {
    this.#context.dispatcher.setRef(true);
    return this;
  }

  /**
   * Lets the process exit although the client has a connection, waits for the next one, or has running requests. A Duplex
   * that is not a `net.Socket` is not affected.
   */
  unref(): this {
    this.#context.dispatcher.setRef(false);
    return this;
  }

  /** Closes gracefully: running requests may end within `graceMs`, new ones get ESHUTDOWN. A second call awaits the first. */
  async close(options: CloseOptions = {}): Promise<void> {
    const graceMs = graceMsOf(options);
    this.#closing ??= this.#context.dispatcher.close(graceMs).then(() => void this.emit('close'));
    return this.#closing;
  }

  /**
   * Closes now. Running requests fail with `error`, by default with ESHUTDOWN; an error that is not a TransferError, or has
   * the code of a path such as ENOENT, becomes the `cause` of one.
   */
  destroy(error: Error = closed()): void {
    this.#context.dispatcher.destroy(withoutPathCode(TransferError.from(error), 'ESHUTDOWN', false));
    // Cannot reject.
    void this.close({ graceMs: 0 });
  }

  /** Is `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
