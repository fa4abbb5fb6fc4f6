/**
 * FileClient: asks a server for files, over one connection that is made when it is first needed.
 *
 *     download(), upload(), ... -> ClientChannel -> ClientSession -> Endpoint -> attach -> socket
 */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { TransferError } from '../errors.js';
import { isChecksum, type ChecksumAlgorithm } from '../protocol/checksum.js';
import { parseEntry, type FileEntry } from '../protocol/entry.js';
import { graceMsOf, type CloseOptions } from '../session/close-options.js';
import type { CallOptions } from './request/abort.js';
import { callIdempotent, callOnce } from './request/call-idempotent.js';
import {
  recursiveFields,
  replaceFields,
  type MkdirOptions,
  type RemoveOptions,
  type ReplaceOptions,
} from './request/fields.js';
import { Download, type DownloadOptions, type DownloadStream } from './streams/download.js';
import { downloadFile, type DownloadedFile, type DownloadFileOptions } from './local/download-file.js';
import { EntryIterator, type ListOptions } from './streams/entry-iterator.js';
import { uploadFile } from './local/upload-file.js';
import type { UploadedFile, UploadFileOptions } from './local/file-upload-settings.js';
import { assertSamePath, parseNonRootPath, parsePathArgument, pathField } from './request/path-argument.js';
import { closed } from './connection/dispatcher.js';
import { withConnection } from './request/with-connection.js';
import { clientSettings, type FileClientOptions } from './options.js';
import { clientContext, type ClientContext } from './request/client-context.js';
import type { FileClientEvents } from './events.js';
import { StateIterator, type ClientState } from './state-iterator.js';
import { withUrlOptions } from './url-options.js';
import { Upload } from './streams/upload.js';
import type { StoredUpload, UploadOptions, UploadStream } from './streams/upload-stream.js';
import { readFile, writeFile, type ReadFileOptions, type WriteFileData } from './streams/write-file.js';

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
  readonly #requester: ClientContext;
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
    this.#requester = clientContext(clientSettings(withUrlOptions(urlOrOptions, options)), {
      // What a listener throws is the program's affair, and must not reach the connection: so they are told later.
      onConnect: () => process.nextTick(() => this.emit('connect')),
      onDisconnect: (error) => process.nextTick(() => this.emit('disconnect', error)),
      onStateChange: (state) => {
        for (const iterator of this.#iterators) iterator.push(state);
        process.nextTick(() => this.emit('state', state));
      },
    });
  }

  /** What the connection is about. */
  get state(): ClientState {
    return this.#requester.dispatcher.state;
  }

  /** What the connection is about, now and whenever that changes; ends after `closed`. */
  states(): AsyncIterableIterator<ClientState> {
    const iterator = new StateIterator(this.state, () => this.#iterators.delete(iterator));
    this.#iterators.add(iterator);
    return iterator;
  }

  /** Connects now instead of at the first request. Resolves with the server's welcome. */
  async connect(options: CallOptions = {}): Promise<void> {
    await withConnection(this.#requester, options, ({ opened }) => opened);
  }

  /**
   * One connection's Duplex of bytes, for embedding: `pipeline(duplex, client.endpoint(), duplex)`. From then on the
   * client makes no connection itself.
   *
   * @throws TransferError ESHUTDOWN if the client is closed, EBUSY while it has a connection already
   */
  endpoint(): Duplex {
    return this.#requester.dispatcher.attachExternal();
  }

  /** Downloads a file, or a part of it, as a Readable. Fails with ENOENT, EISDIR, ERANGE, ESTALE, ... */
  download(path: string, options: DownloadOptions = {}): DownloadStream {
    return new Download(this.#requester, path, options);
  }

  /** Uploads a file as a Writable, whose `finish` means that it is stored. Fails with EROFS, EEXIST, ESTALE, ... */
  upload(path: string, options: UploadOptions = {}): UploadStream {
    return new Upload(this.#requester, path, options);
  }

  /**
   * Downloads a file into a local one, which is whole and verified or is not there. A later call for the same two, also
   * one of another process, goes on with what this one has left. Fails as `download`, and with the codes of the local
   * file system: EBUSY while another call writes the file, EEXIST, EISDIR, ENOSPC, EACCES, ...
   */
  async downloadFile(
    path: string,
    localPath: string | URL,
    options: DownloadFileOptions = {},
  ): Promise<DownloadedFile> {
    return downloadFile(this.#requester, { path, localPath }, options);
  }

  /**
   * Uploads a local file. A later call for the same two, also one of another process, goes on where this one stopped, if
   * the local file has not changed. Fails as `upload`, and with the codes of the local file system; ESTALE, too, if the
   * local file changes while it is read: then nothing is stored.
   */
  async uploadFile(
    localPath: string | URL,
    path: string,
    options: UploadFileOptions = {},
  ): Promise<UploadedFile> {
    return uploadFile(this.#requester, { localPath, path }, options);
  }

  /** Reads a whole file into memory: as a Buffer, or as a string if an encoding is given. */
  readFile(path: string, options?: ReadFileOptions & { encoding?: undefined }): Promise<Buffer>;
  readFile(
    path: string,
    options: BufferEncoding | (ReadFileOptions & { encoding: BufferEncoding }),
  ): Promise<string>;
  async readFile(path: string, options: BufferEncoding | ReadFileOptions = {}): Promise<Buffer | string> {
    return readFile(this.#requester, path, options);
  }

  /** Writes a whole file from memory, or from anything that can be iterated. Resolves when it is stored. */
  async writeFile(path: string, data: WriteFileData, options: UploadOptions = {}): Promise<StoredUpload> {
    return writeFile(this.#requester, { path, data }, options);
  }

  /**
   * Lists a directory, by default the root, in no particular order; recursive: a directory comes before its contents.
   * Leaving a `for await` loop, or `await using`, cancels the request. Fails with ENOENT, ENOTDIR, ...
   */
  list(path = '/', options: ListOptions = {}): AsyncIterableIterator<FileEntry> & AsyncDisposable {
    return new EntryIterator(this.#requester, path, options);
  }

  /** Resolves with all entries that `list` gives. */
  async readdir(path = '/', options: ListOptions = {}): Promise<FileEntry[]> {
    const entries: FileEntry[] = [];
    for await (const entry of this.list(path, options)) entries.push(entry);
    return entries;
  }

  /** What is at a path. ENOENT if nothing is. */
  async stat(path: string, options: CallOptions = {}): Promise<FileEntry> {
    const checked = parsePathArgument('stat', path);
    const result = await callIdempotent(this.#requester, { op: 'stat', path: pathField(checked) }, options);
    assertSamePath(checked, result.path);
    return parseEntry(result);
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
    const call = recursive ? callIdempotent : callOnce;
    const { path: made = fields.path } = await call(this.#requester, fields, rest);
    assertSamePath(fields.path, made);
  }

  /** Removes a file or an empty directory; recursive: a directory with its contents. Fails with ENOENT, ENOTEMPTY. */
  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    const { recursive, ...rest } = options;
    const fields = recursiveFields('remove', path, recursive);
    const { path: removed = fields.path } = await callOnce(this.#requester, fields, rest);
    assertSamePath(fields.path, removed);
  }

  /** Renames a file or directory. Fails with ENOENT, or with EEXIST unless `overwrite` is true. */
  async rename(from: string, to: string, options: ReplaceOptions = {}): Promise<void> {
    const { overwrite, ...rest } = options;
    const fields = replaceFields('rename', { from, to, overwrite });
    const { path: renamed = fields.to } = await callOnce(this.#requester, fields, rest);
    assertSamePath(fields.to, renamed);
  }

  /** Copies a file on the server. Resolves with the copy. Fails with ENOENT, EISDIR, or with EEXIST as `rename`. */
  async copy(from: string, to: string, options: ReplaceOptions = {}): Promise<FileEntry> {
    const { overwrite, ...rest } = options;
    const fields = replaceFields('copy', { from, to, overwrite });
    const result = await callOnce(this.#requester, fields, rest);
    assertSamePath(fields.to, result.path);
    return parseEntry(result);
  }

  /** Resolves with the checksum of a file, computed on the server, such as `sha256:...` in lower-case hexadecimal. */
  async checksum(
    path: string,
    algorithm: Exclude<ChecksumAlgorithm, 'none'> = 'sha256',
    options: CallOptions = {},
  ): Promise<string> {
    const fields = { op: 'checksum', path: parseNonRootPath('checksum', path), checksum: algorithm };
    const { checksum } = await callIdempotent(this.#requester, fields, options);
    if (checksum === undefined || !isChecksum(algorithm, checksum))
      throw new TransferError('EPROTO', 'The server names another checksum.');
    return checksum;
  }

  /** The round trip to the server, in milliseconds; it is answered whatever else goes on. */
  async ping(options: CallOptions = {}): Promise<number> {
    return withConnection(this.#requester, options, ({ session }) => session.ping());
  }

  /** Lets the connections of the client, present and later ones, keep the process alive, which is the default. */
  ref(): this {
    this.#requester.dispatcher.setRef(true);
    return this;
  }

  /**
   * Lets the process exit although the client has a connection, waits for the next one, or has running requests. A Duplex
   * that is not a `net.Socket` is not affected.
   */
  unref(): this {
    this.#requester.dispatcher.setRef(false);
    return this;
  }

  /** Closes gracefully: running requests may end within `graceMs`, new ones get ESHUTDOWN. A second call awaits the first. */
  async close(options: CloseOptions = {}): Promise<void> {
    const graceMs = graceMsOf(options);
    this.#closing ??= this.#requester.dispatcher.close(graceMs).then(() => void this.emit('close'));
    return this.#closing;
  }

  /**
   * Closes now. Running requests fail with `error`, by default with ESHUTDOWN; an error that is not a TransferError
   * becomes the `cause` of one.
   */
  destroy(error: Error = closed()): void {
    this.#requester.dispatcher.destroy(TransferError.from(error));
    // What is left to do cannot fail.
    void this.close({ graceMs: 0 });
  }

  /** Is `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
