/**
 * A download as a Readable.
 *
 *     channel -> #pump -> ReceivedRange: count, checksum -> push -> reader
 *     result  -> compared with ReceivedRange -> end
 *     interruption -> the next channel, with the offset and checksum of ReceivedRange -> accept: same etag? -> ...
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

/** Options of a download: the range, and the version of the file. */
export interface DownloadOptions extends CallOptions, ProgressOptions {
  /** First byte of the file. Default 0. An offset beyond the end of the file fails with ERANGE. */
  offset?: number | undefined;
  /** Maximum number of bytes. Default: up to the end of the file. */
  length?: number | undefined;
  /** The file must have this etag; otherwise the download fails with ESTALE. */
  ifMatch?: string | undefined;
}

/** The verified bytes of a download. */
export interface VerifiedDownload {
  /** Number of bytes. */
  readonly bytes: number;
  /** Verified checksum, e.g. `crc32:0a1b2c3d`; undefined with the checksum `'none'`, where only the number is verified. */
  readonly checksum: string | undefined;
}

/**
 * A Readable of a file's bytes. It continues after a lost connection, and never ends early or mixes two versions of the
 * file (ESTALE). It fails with a {@link TransferError}.
 */
export interface DownloadStream extends Readable {
  /** The file: size (of the whole file, in bytes), mtime and etag. Resolves before the first byte. */
  readonly entry: Promise<FileEntry>;
  /** The verified bytes; settles with `end`. */
  readonly completed: Promise<VerifiedDownload>;
}

/** Bytes that wait in the Readable; more wait in the channel, up to its window. */
const HIGH_WATER_MARK = 256 * 1024;

/** The names of {@link DownloadOptions}. */
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
  #isReading = false;

  /** @param from - continues an earlier download */
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
    this.#isReading = true;
    this.#request.resume();
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
    return {
      wants: 'body',
      // Without an etag, the rest may be of another version than the received bytes.
      isIdempotent: () => !this.#isAccepted || this.#etag !== undefined,
      fields: () => this.#fields(),
      canPause: () => this.#isAccepted && this.#etag !== undefined,
      canGiveUpPlace: () => this.#isAccepted && this.#etag !== undefined && !this.#isReading,
      wantsMore: () => this.#isReading,
      onAccept: (frame) => this.#accept(frame),
      // Bytes that wait for the reader are sent again.
      onInterrupt: () => this.#request.channel?.cancel(),
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
    return {
      op: 'download',
      path: pathField(this.#path),
      ...this.#range.fields(),
      maxBytes: this.#length === MAX_INTEGER ? undefined : this.#length - this.#range.whole.bytes,
      ifMatch: this.#etag,
      checksum: this.#context.checksum,
    };
  }

  #accept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    const entry = parseEntry(frame);
    const hasVersion = this.#isAccepted || this.#etag !== undefined;
    if (hasVersion && entry.etag !== this.#etag) throw new TransferError('ESTALE');
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
    while (channel && this.#isReading && channel.bufferedBytes > 0) {
      const piece = channel.readChunk(HIGH_WATER_MARK);
      this.#range.update(piece);
      channel.consumed(piece.length);
      this.#reportProgress();
      if (this.destroyed) return;
      this.#isReading = this.push(piece);
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
