/**
 * FileClient: asks a server for files, over one connection that is made when it is first needed.
 *
 *     download(), upload(), ... -> ClientChannel -> ClientSession -> Endpoint -> attach -> socket
 */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { TransferError } from '../errors.js';
import type { ChecksumAlgorithm } from '../protocol/checksum.js';
import { parseEntry, type Entry } from '../protocol/entry.js';
import { parseUserPath } from '../protocol/remote-path.js';
import type { ClientChannel, ClientChannelListener } from '../session/client-channel.js';
import type { RequestFields } from '../session/client-session.js';
import { graceMsOf, within, type CloseOptions } from '../session/closing.js';
import { checkNotAborted, untilAborted } from './abort.js';
import { ClientConnection } from './connection.js';
import { Download, type DownloadOptions, type DownloadStream } from './download.js';
import { EntryIterator } from './entry-iterator.js';
import type { ListOptions } from './listing.js';
import { clientSettings, type ClientSettings, type FileClientOptions } from './options.js';
import { call, checkEcho, pathField, type CallOptions, type Requester } from './request.js';
import { Upload, type StoredUpload, type UploadOptions, type UploadStream } from './upload.js';
import { collect, writeAll, type FileData } from './whole-files.js';

/** The events of a {@link FileClient}, with what listeners are given. */
export interface FileClientEvents {
  /** The server has said welcome on a new connection. */
  connect: [];
  /** The connection is closed; with an error unless both sides had finished. The next request makes a new one. */
  disconnect: [error: TransferError | undefined];
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
  readonly #settings: ClientSettings;
  readonly #requester: Requester;
  readonly #connections = new Set<ClientConnection>();
  #current: ClientConnection | undefined;
  #embedded = false;
  #closing: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  /**
   * @param where - options, or a URL such as `tcp://host:2121`
   * @throws TypeError if an option is wrong
   */
  constructor(where: string | FileClientOptions = {}) {
    super();
    this.#settings = clientSettings(where);
    const { codec, checksum, session } = this.#settings;
    const request: Requester['request'] = (fields, wants, listener) => this.#request(fields, wants, listener);
    this.#requester = { codec, checksum, maxHeaderBytes: session.maxHeaderBytes, request };
  }

  /** Connects now instead of at the first request. Resolves with the server's welcome. */
  async connect({ signal }: CallOptions = {}): Promise<void> {
    checkNotAborted(signal);
    await untilAborted(this.#connection().opened, signal);
  }

  /**
   * One connection's Duplex of bytes, for embedding: `pipeline(duplex, client.endpoint(), duplex)`. From then on the
   * client makes no connection itself.
   *
   * @throws TransferError ESHUTDOWN if the client is closed, EBUSY while it has a connection already
   */
  endpoint(): Duplex {
    this.#requireOpen();
    if (this.#current?.session.accepting)
      throw new TransferError('EBUSY', 'The client has a connection already.');
    this.#embedded = true;
    this.#current = this.#newConnection();
    return this.#current.endpoint;
  }

  /** Downloads a file, or a part of it, as a Readable. Fails with ENOENT, EISDIR, ERANGE, ESTALE, ... */
  download(path: string, options: DownloadOptions = {}): DownloadStream {
    return new Download(this.#requester, path, options);
  }

  /** Uploads a file as a Writable, whose `finish` means that it is stored. Fails with EROFS, EEXIST, ESTALE, ... */
  upload(path: string, options: UploadOptions = {}): UploadStream {
    return new Upload(this.#requester, path, options);
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
    const bytes = await collect(this.download(path, rest));
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }

  /** Writes a whole file from memory, or from anything that can be iterated. Resolves when it is stored. */
  async writeFile(path: string, data: FileData, options: UploadOptions = {}): Promise<StoredUpload> {
    return writeAll(this.upload(path, options), data);
  }

  /** The entries of a directory, by default of the root, in no order; recursive: parents before what they hold. */
  list(path = '/', options: ListOptions = {}): AsyncIterableIterator<Entry> {
    return new EntryIterator(this.#requester, path, options);
  }

  /** What is at a path. ENOENT if nothing is. */
  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    const checked = parseUserPath(path);
    const result = await call(this.#requester, { op: 'stat', path: pathField(checked) }, options);
    checkEcho(checked, result.path);
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
  async mkdir(path: string, { recursive, signal }: MkdirOptions = {}): Promise<void> {
    await call(this.#requester, { op: 'mkdir', path: pathField(parseUserPath(path)), recursive }, { signal });
  }

  /** Removes a file or an empty directory; recursive: a directory with all it holds. ENOENT, ENOTEMPTY. */
  async remove(path: string, { recursive, signal }: RemoveOptions = {}): Promise<void> {
    await call(
      this.#requester,
      { op: 'remove', path: pathField(parseUserPath(path)), recursive },
      { signal },
    );
  }

  /** Renames a file or directory. */
  async rename(from: string, to: string, { overwrite, signal }: ReplaceOptions = {}): Promise<void> {
    const paths = { path: pathField(parseUserPath(from)), to: pathField(parseUserPath(to)) };
    await call(this.#requester, { op: 'rename', ...paths, overwrite }, { signal });
  }

  /** Copies a file, on the server. Resolves with the copy. */
  async copy(from: string, to: string, { overwrite, signal }: ReplaceOptions = {}): Promise<Entry> {
    const paths = { path: pathField(parseUserPath(from)), to: pathField(parseUserPath(to)) };
    const result = await call(this.#requester, { op: 'copy', ...paths, overwrite }, { signal });
    checkEcho(parseUserPath(to), result.path);
    return parseEntry(result);
  }

  /** The checksum of a file, computed on the server, in lower-case hexadecimal. */
  async checksum(
    path: string,
    algorithm: Exclude<ChecksumAlgorithm, 'none'> = 'sha256',
    options: CallOptions = {},
  ): Promise<string> {
    const fields = { op: 'checksum', path: pathField(parseUserPath(path)), checksum: algorithm };
    const { checksum } = await call(this.#requester, fields, options);
    const prefix = `${algorithm}:`;
    if (!checksum?.startsWith(prefix))
      throw new TransferError('EPROTO', 'The server names another checksum.');
    return checksum.slice(prefix.length);
  }

  /** The round trip to the server, in milliseconds; it is answered whatever else goes on. */
  async ping({ signal }: CallOptions = {}): Promise<number> {
    checkNotAborted(signal);
    return untilAborted(this.#connection().session.ping(), signal);
  }

  /** Closes gracefully: running requests may end within `graceMs`, new ones get ESHUTDOWN. A second call awaits the first. */
  async close(options: CloseOptions = {}): Promise<void> {
    const graceMs = graceMsOf(options);
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  /** Closes now: running requests fail with the error, by default ESHUTDOWN. */
  destroy(error: Error = closed()): void {
    for (const connection of this.#connections) connection.destroy(TransferError.from(error));
    // What is left to do cannot fail.
    void this.close({ graceMs: 0 });
  }

  /** Is `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #request(fields: RequestFields, wants: 'body' | 'nothing', listener: ClientChannelListener): ClientChannel {
    return this.#connection().session.request(fields, wants, listener);
  }

  #requireOpen(): void {
    if (this.#closing) throw closed();
  }

  #connection(): ClientConnection {
    this.#requireOpen();
    if (this.#current?.session.accepting) return this.#current;
    if (this.#embedded) throw new TransferError('ECONNRESET', 'The connection of endpoint() is over.');
    this.#current = this.#newConnection();
    void this.#current.carry(this.#settings.connect);
    return this.#current;
  }

  #newConnection(): ClientConnection {
    const connection = new ClientConnection(this.#settings, {
      opened: () => this.emit('connect'),
      closed: (error) => {
        this.#connections.delete(connection);
        this.emit('disconnect', error);
        if (this.#connections.size === 0) this.#emptied?.();
      },
    });
    this.#connections.add(connection);
    return connection;
  }

  async #close(graceMs: number): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#emptied = resolve;
      if (this.#connections.size === 0) resolve();
    });
    for (const connection of this.#connections) connection.close();
    await within(graceMs, gone);
    for (const connection of this.#connections) connection.destroy(closed());
    await gone;
    this.emit('close');
  }
}

function closed(): TransferError {
  return new TransferError('ESHUTDOWN', 'The client is closed.', { retryable: false });
}
