/**
 * A download as a Readable: it takes from its channel what its reader asks for, goes on with another channel when a
 * connection is lost, and ends well only when the count of bytes and the checksum are those that the server says.
 */
import { Readable } from 'node:stream';
import { TransferError } from '../../errors.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_INTEGER } from '../../protocol/limits.js';
import { integerOption, rejectUnknownOptions, textOption } from '../../options/option.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { RequestFields } from '../../session/client-session.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import { Deferred } from '../connection/deferred.js';
import { assertSamePath, parseNonRootPath, pathField } from '../request/path-argument.js';
import { progressOption, type ProgressListener, type ProgressOptions } from '../request/progress.js';
import { ReceivedRange, type RangeStart } from './received-range.js';
import { Request, type RequestHandler } from '../request/request.js';
import type { ClientContext } from '../request/client-context.js';

/** What part of a file to download, and which version. */
export interface DownloadOptions extends CallOptions, ProgressOptions {
  /** First byte of the file. Default 0. An offset beyond the end of the file fails with ERANGE. */
  offset?: number | undefined;
  /** Maximum number of bytes. Default: up to the end of the file. */
  length?: number | undefined;
  /** The file must have this etag; otherwise the download fails with ESTALE. */
  ifMatch?: string | undefined;
}

/** What has come, and was compared with what the server has sent. */
export interface VerifiedDownload {
  /** Bytes, from the download's first one on. */
  readonly bytes: number;
  /** Their checksum, e.g. `crc32:0a1b2c3d`; undefined if the checksum is `'none'`: then only the count was compared. */
  readonly checksum: string | undefined;
}

/**
 * A Readable of a file's bytes. It goes on after a lost connection where it was, never ends early, and never joins two
 * versions of a file (ESTALE). It fails with a {@link TransferError}.
 */
export interface DownloadStream extends Readable {
  /** What is downloaded: size (of the whole file, in bytes), mtime and etag. Known before the first byte. */
  readonly entry: Promise<FileEntry>;
  /** What was compared with the server's word; settles with `end`. */
  readonly completed: Promise<VerifiedDownload>;
}

/** Bytes that wait in the Readable for its reader; more wait in the channel, under its window. */
const HIGH_WATER_MARK = 256 * 1024;

/** The names of the options of a download. */
export const downloadOptionNames = ['offset', 'length', 'ifMatch', 'onProgress', ...callOptionNames];

/** @internal */
export class Download extends Readable implements DownloadStream {
  readonly #context: ClientContext;
  readonly #entry = new Deferred<FileEntry>();
  readonly #completed = new Deferred<VerifiedDownload>();
  readonly #request: Request;
  readonly #length: number;
  readonly #onProgress: ProgressListener | undefined;
  readonly #range: ReceivedRange;
  #path: RemotePath = REMOTE_ROOT;
  #etag: string | undefined;
  #isAccepted = false;
  #result: FrameOf<'result'> | undefined;
  #wanted = false;

  /** A download of what the options say; `from` where an earlier one is gone on with. */
  constructor(context: ClientContext, path: string, options: DownloadOptions, from?: RangeStart) {
    super({ highWaterMark: HIGH_WATER_MARK });
    rejectUnknownOptions('download', options, downloadOptionNames);
    const start = integerOption('offset', options.offset, { min: 0, default: 0 });
    this.#length = integerOption('length', options.length, { min: 0, default: MAX_INTEGER });
    this.#etag = textOption('ifMatch', options.ifMatch);
    this.#onProgress = progressOption(options.onProgress);
    this.#context = context;
    this.#range = new ReceivedRange(from ?? { start }, context.checksum);
    this.#request = new Request(context, this.#handler());
    this.#request.start(options, () => (this.#path = parseNonRootPath('download', path)));
  }

  get entry(): Promise<FileEntry> {
    return this.#entry.promise;
  }

  get completed(): Promise<VerifiedDownload> {
    return this.#completed.promise;
  }

  override _read(): void {
    this.#wanted = true;
    this.#pump();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#request.cancel();
    const reason = (): Error => error ?? new TransferError('ECANCELED');
    this.#entry.reject(reason);
    this.#completed.reject(reason);
    done(error);
  }

  #handler(): RequestHandler {
    // Without a validator nobody knows whether what is to come belongs to what has come.
    const isIdempotent = (): boolean => !this.#isAccepted || this.#etag !== undefined;
    return {
      wants: 'body',
      isIdempotent,
      fields: () => this.#fields(),
      onAccept: (frame) => this.#accept(frame),
      onReadable: () => this.#pump(),
      onTimeout: (error) => this.#fail(error),
      onEnd: (outcome) => {
        if (outcome instanceof TransferError) return this.#fail(outcome);
        this.#result = outcome;
        this.#pump();
      },
    };
  }

  #fields(): RequestFields {
    const left = this.#length === MAX_INTEGER ? undefined : this.#length - this.#range.whole.bytes;
    return {
      op: 'download',
      path: pathField(this.#path),
      ...this.#range.fields(),
      maxBytes: left,
      ifMatch: this.#etag,
      checksum: this.#context.checksum,
    };
  }

  #accept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    const entry = parseEntry(frame);
    const isAnother = this.#isAccepted || this.#etag !== undefined ? entry.etag !== this.#etag : false;
    if (isAnother) throw new TransferError('ESTALE');
    this.#range.begin({ entry, offset: frame.offset, checksum: frame.checksum, length: this.#length });
    const isFirst = !this.#isAccepted;
    this.#isAccepted = true;
    this.#etag = entry.etag;
    this.#entry.resolve(entry);
    if (isFirst) this.#reportProgress();
  }

  #reportProgress(): void {
    try {
      this.#onProgress?.({ bytes: this.#range.whole.bytes, total: this.#range.total });
    } catch (thrown) {
      this.destroy(thrown instanceof Error ? thrown : TransferError.from(thrown));
    }
  }

  #pump(): void {
    const { channel } = this.#request;
    while (channel && this.#wanted && channel.bufferedBytes > 0) {
      const piece = channel.readChunk(HIGH_WATER_MARK);
      this.#range.update(piece);
      channel.consumed(piece.length);
      this.#reportProgress();
      if (this.destroyed) return;
      this.#wanted = this.push(piece);
    }
    if (this.#result && channel?.bufferedBytes === 0 && !this.destroyed) this.#finish(this.#result);
  }

  #finish({ bytes, checksum }: FrameOf<'result'>): void {
    this.#result = undefined;
    try {
      this.#range.finish({ bytes, checksum });
    } catch (thrown) {
      return this.#fail(thrown);
    }
    const { whole } = this.#range;
    this.#completed.resolve({ bytes: whole.bytes, checksum: whole.digest() });
    this.push(null);
  }

  #fail(thrown: unknown): void {
    this.destroy(TransferError.from(thrown, { operation: 'download', path: this.#path }));
  }
}
