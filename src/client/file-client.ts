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
import { flagOption, rejectUnknownOptions, requiredDate } from '../options/option.js';
import { graceMsOf, type CloseOptions } from '../session/close-options.js';
import type { CallOptions } from './request/abort.js';
import { callIdempotent, callOnce } from './request/call-idempotent.js';
import {
  Download,
  downloadOptionNames,
  type DownloadOptions,
  type DownloadStream,
} from './streams/download.js';
import { downloadFile, type DownloadedFile, type DownloadFileOptions } from './local/download-file.js';
import { EntryIterator } from './streams/entry-iterator.js';
import { uploadFile } from './local/upload-file.js';
import type { UploadedFile, UploadFileOptions } from './local/file-upload-settings.js';
import type { ListOptions } from './streams/listing.js';
import {
  assertSamePath,
  parseNonRootPath,
  parsePathArgument,
  pathField,
  replaceFields,
} from './request/path-argument.js';
import { closed, Dispatcher } from './connection/dispatcher.js';
import { withConnection } from './request/with-connection.js';
import { clientSettings, type FileClientOptions } from './options.js';
import type { ClientContext } from './request/client-context.js';
import { StateIterator, type ClientState } from './state-iterator.js';
import { Upload } from './streams/upload.js';
import type { AppendOptions, StoredUpload, UploadOptions, UploadStream } from './streams/upload-stream.js';
import { collect, writeFile, type WriteFileData } from './streams/write-file.js';

/** The events of a {@link FileClient}, with what listeners are given. */
export interface FileClientEvents {
  /** The server has said welcome on a new connection. */
  connect: [];
  /** A connection is closed; with an error unless both sides had finished. */
  disconnect: [error: TransferError | undefined];
  /** What the connection is about has changed. */
  state: [state: ClientState];
  /** The client has been closed. */
  close: [];
}

/** How to make a directory. */
export interface MkdirOptions extends CallOptions {
  /** Whether to make its parents, too, and to be content if it exists. Default false. */
  recursive?: boolean | undefined;
}

/** How to remove. */
export interface RemoveOptions extends CallOptions {
  /** Whether to remove a directory with all it holds. Default false. */
  recursive?: boolean | undefined;
}

/** How to rename or copy. */
export interface ReplaceOptions extends CallOptions {
  /** Whether an existing file may be replaced; EEXIST otherwise. Default false. */
  overwrite?: boolean | undefined;
}

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
   * @param where - options, or a URL such as `tcp://host:2121` or `tls://user:password@host:2121`
   * @throws TypeError if an option is wrong
   */
  constructor(where: string | FileClientOptions = {}) {
    super();
    const settings = clientSettings(where);
    const { codec, checksum, session, stallMs, responseMs } = settings;
    const link = new Dispatcher(settings, {
      // What a listener throws is the program's affair, and must not reach the connection: so they are told later.
      onConnect: () => process.nextTick(() => this.emit('connect')),
      onDisconnect: (error) => process.nextTick(() => this.emit('disconnect', error)),
      onStateChange: (state) => {
        for (const iterator of this.#iterators) iterator.take(state);
        process.nextTick(() => this.emit('state', state));
      },
    });
    const { maxHeaderBytes } = session;
    this.#requester = {
      dispatcher: link,
      codec,
      checksum,
      maxHeaderBytes,
      timeouts: { stallMs, responseMs: responseMs },
    };
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

  /** Adds bytes to the end of a file, as a Writable. Until its `finish` the older file stands. Fails with ENOENT, ESTALE, ... */
  append(path: string, options: AppendOptions = {}): UploadStream {
    return new Upload(this.#requester, path, options, 'append');
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
  readFile(path: string, options?: DownloadOptions & { encoding?: undefined }): Promise<Buffer>;
  readFile(
    path: string,
    options: BufferEncoding | (DownloadOptions & { encoding: BufferEncoding }),
  ): Promise<string>;
  async readFile(
    path: string,
    options: BufferEncoding | (DownloadOptions & { encoding?: BufferEncoding | undefined }) = {},
  ): Promise<Buffer | string> {
    const { encoding, ...rest } = typeof options === 'string' ? { encoding: options } : options;
    rejectUnknownOptions('readFile', rest, ['encoding', ...downloadOptionNames]);
    const bytes = await collect(this.download(path, rest));
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }

  /** Writes a whole file from memory, or from anything that can be iterated. Resolves when it is stored. */
  async writeFile(path: string, data: WriteFileData, options: UploadOptions = {}): Promise<StoredUpload> {
    return writeFile(this.#requester, { path, data }, options);
  }

  /** The entries of a directory, by default of the root, in no order; recursive: parents before what they hold. */
  list(path = '/', options: ListOptions = {}): AsyncIterableIterator<FileEntry> {
    return new EntryIterator(this.#requester, path, options);
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

  /** Makes a directory. EEXIST, or ENOENT for a missing parent, unless recursive. */
  async mkdir(path: string, { recursive, ...options }: MkdirOptions = {}): Promise<void> {
    const fields = {
      op: 'mkdir',
      path: parseNonRootPath('mkdir', path),
      recursive: flagOption('recursive', recursive),
    };
    const { path: made = fields.path } = await (recursive ? callIdempotent : callOnce)(
      this.#requester,
      fields,
      options,
    );
    assertSamePath(fields.path, made);
  }

  /** Removes a file or an empty directory; recursive: a directory with all it holds. ENOENT, ENOTEMPTY. */
  async remove(path: string, { recursive, ...options }: RemoveOptions = {}): Promise<void> {
    const fields = {
      op: 'remove',
      path: parseNonRootPath('remove', path),
      recursive: flagOption('recursive', recursive),
    };
    const { path: removed = fields.path } = await callOnce(this.#requester, fields, options);
    assertSamePath(fields.path, removed);
  }

  /** Renames a file or directory. */
  async rename(from: string, to: string, { overwrite, ...options }: ReplaceOptions = {}): Promise<void> {
    const fields = replaceFields('rename', { from, to, overwrite });
    const { path: renamed = fields.to } = await callOnce(this.#requester, fields, options);
    assertSamePath(fields.to, renamed);
  }

  /** Sets the modification time of a file or directory. Resolves with its entry, which may have another etag. */
  async utimes(path: string, mtime: Date, options: CallOptions = {}): Promise<FileEntry> {
    const checked = parseNonRootPath('utimes', path);
    const fields = { op: 'utimes', path: checked, mtime: requiredDate('mtime', mtime) };
    const result = await callIdempotent(this.#requester, fields, options);
    assertSamePath(checked, result.path);
    return parseEntry(result);
  }

  /** Copies a file, on the server. Resolves with the copy. */
  async copy(from: string, to: string, { overwrite, ...options }: ReplaceOptions = {}): Promise<FileEntry> {
    const fields = replaceFields('copy', { from, to, overwrite });
    const result = await callOnce(this.#requester, fields, options);
    assertSamePath(fields.to, result.path);
    return parseEntry(result);
  }

  /** The checksum of a file, computed on the server, in lower-case hexadecimal. */
  async checksum(
    path: string,
    algorithm: Exclude<ChecksumAlgorithm, 'none'> = 'sha256',
    options: CallOptions = {},
  ): Promise<string> {
    const fields = { op: 'checksum', path: parseNonRootPath('checksum', path), checksum: algorithm };
    const { checksum } = await callIdempotent(this.#requester, fields, options);
    if (checksum === undefined || !isChecksum(algorithm, checksum))
      throw new TransferError('EPROTO', 'The server names another checksum.');
    return checksum.slice(algorithm.length + 1);
  }

  /** The round trip to the server, in milliseconds; it is answered whatever else goes on. */
  async ping(options: CallOptions = {}): Promise<number> {
    return withConnection(this.#requester, options, ({ session }) => session.ping());
  }

  /** Closes gracefully: running requests may end within `graceMs`, new ones get ESHUTDOWN. A second call awaits the first. */
  async close(options: CloseOptions = {}): Promise<void> {
    const graceMs = graceMsOf(options);
    this.#closing ??= this.#requester.dispatcher.close(graceMs).then(() => void this.emit('close'));
    return this.#closing;
  }

  /** Closes now: running requests fail with the error, by default ESHUTDOWN. */
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
