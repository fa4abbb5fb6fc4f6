/**
 * A download as a Readable.
 *
 *     channel -> #pump -> ReceivedRange: count, checksum -> push -> reader
 *     result  -> compared with ReceivedRange -> end
 *     interruption -> the next channel, with the offset and checksum of ReceivedRange -> accept: same etag? -> ...
 *     ESTALE -> the next channel, without the etag, but with the checksum of all bytes -> accept: same size, time? -> ...
 */
import { Readable } from 'node:stream';
import { TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_INTEGER } from '../../protocol/limits.js';
import { integerOption, rejectUnknownOptions, textOption } from '../../options/option.js';
import { isWeakEtag } from '../../protocol/weak-etag.js';
import { mayHaveSameBytes } from '../../protocol/may-have-same-bytes.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { RequestFields } from '../../session/client-session.js';
import { callOptionNames, type CallOptions } from '../request/abort.js';
import { Deferred } from '../connection/deferred.js';
import { assertSamePath, parseFilePath, pathField } from '../request/path-argument.js';
import { progressOption, type ProgressListener, type ProgressOptions } from '../request/progress.js';
import { ReceivedRange, type RangeStart } from './received-range.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';
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
  /**
   * The etag at the end of the download. It differs from that of `entry` if the metadata of the file, such as its
   * permissions, was changed meanwhile.
   */
  readonly etag: string | undefined;
}

/** A download that an earlier one has begun. */
export interface ResumedDownload extends RangeStart {
  /** The version of the bytes. */
  readonly version: Pick<FileEntry, 'size' | 'mtime' | 'etag'>;
}

/**
 * A Readable of a file's bytes. It continues after a lost connection, and never ends early or mixes two versions of the
 * file (ESTALE). It fails with a {@link TransferError}. A listener for `error` is optional if a promise that was taken from
 * the stream rejects with the error.
 */
export interface DownloadStream extends Readable {
  /** The file: size (of the whole file, in bytes), mtime and etag. Resolves before the first byte. */
  readonly entry: Promise<FileEntry>;
  /** The verified bytes; settles with `end`. */
  readonly completed: Promise<VerifiedDownload>;
}

/** Comparisons with less than `COMPARED_BYTES` between them: the metadata of the file changes during each. */
const MAX_COMPARISONS = 5;

const COMPARED_BYTES = 64 * 1024;

/** Bytes that wait in the Readable; more wait in the channel, up to its window. */
const HIGH_WATER_MARK = 256 * 1024;

/** The names of {@link DownloadOptions}. */
export const downloadOptionNames = ['offset', 'length', 'ifMatch', 'onProgress', ...callOptionNames];

/** @internal */
export class Download extends Readable implements DownloadStream {
  /** Called with the bytes of the range, before the first one. An exception fails the download. */
  onRange: ((bytes: number) => void) | undefined;
  readonly #context: ClientContext;
  readonly #entry = new Deferred<FileEntry>();
  readonly #completed = new Deferred<VerifiedDownload>();
  readonly #request: Request;
  readonly #length: number;
  readonly #onProgress: ProgressListener | undefined;
  readonly #range: ReceivedRange;
  readonly #mayCompare: boolean;
  #path: RemotePath = REMOTE_ROOT;
  #etag: string | undefined;
  /** The version that the received bytes are of. */
  #version: ResumedDownload['version'] | undefined;
  /** Whether the file has another etag, so that the next request compares all received bytes with it. */
  #isComparing = false;
  #comparisons = 0;
  /** Where the last one was. */
  #comparedAt = 0;
  #isAccepted = false;
  #result: FrameOf<'result'> | undefined;
  #isReading = false;
  #refusal: TransferError | undefined;
  #isDamaged = false;

  /** @param from - continues an earlier download */
  constructor(context: ClientContext, path: string, options: DownloadOptions, from?: ResumedDownload) {
    super({ highWaterMark: HIGH_WATER_MARK });
    rejectUnknownOptions('download', options, downloadOptionNames);
    const start = integerOption('offset', options.offset, { min: 0, default: 0 });
    this.#length = integerOption('length', options.length, { min: 0, default: MAX_INTEGER });
    this.#etag = textOption('ifMatch', options.ifMatch) ?? from?.version.etag;
    // With `ifMatch`, a part may belong to other parts of the same version, which are not compared.
    this.#mayCompare = options.ifMatch === undefined || (start === 0 && this.#length === MAX_INTEGER);
    this.#version = from?.version;
    this.#onProgress = progressOption(options.onProgress);
    this.#context = context;
    this.#range = new ReceivedRange(from ?? { start }, context.checksum);
    this.#request = new Request(context, this.#handler());
    this.#request.start(options, () => (this.#path = parseFilePath('download', path)));
  }

  get entry(): Promise<FileEntry> {
    return this.#entry.promise;
  }

  get completed(): Promise<VerifiedDownload> {
    return this.#completed.promise;
  }

  /** The error that the server's answer means; undefined if the connection or this end has failed. */
  get refusal(): TransferError | undefined {
    return this.#refusal;
  }

  /** Bytes that the server has confirmed, if those after them were damaged on their way; otherwise undefined. */
  get bytesBeforeDamage(): number | undefined {
    return this.#isDamaged ? this.#range.verifiedBytes : undefined;
  }

  override _read(): void {
    this.#isReading = true;
    this.#request.resume();
    this.#pump();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#request.cancel();
    const reason = (): Error => error ?? new TransferError('ECANCELED');
    const isTaken = [this.#entry.reject(reason), this.#completed.reject(reason)].includes(true);
    // The program learns of the error from a promise, so that the event need not end the process.
    if (isTaken) this.on('error', () => undefined);
    done(error);
  }

  #handler(): RequestHandler {
    return {
      wants: 'body',
      isIdempotent: () => !this.#isAccepted || this.#isResumable,
      fields: () => this.#fields(),
      canPause: () => this.#isAccepted && this.#isResumable,
      canGiveUpPlace: () => this.#isAccepted && this.#isResumable && !this.#isReading,
      wantsMore: () => this.#isReading,
      progress: () => this.#range.position,
      onAccept: (frame) => this.#accept(frame),
      // Bytes that wait for the reader are sent again.
      onInterrupt: () => this.#request.channel?.cancel(),
      onReadable: () => this.#pump(),
      onTimeout: (error) => this.#fail(error),
      repeatsAfter: (error) => this.#startComparison(error),
      onEnd: (outcome) => {
        if (outcome instanceof TransferError)
          return this.#fail(this.#isComparing ? staleError(outcome) : outcome);
        this.#result = outcome;
        this.#pump();
      },
    };
  }

  /** Whether the rest can be told to be of the same version as the received bytes: by a strong etag, or by comparing. */
  get #isResumable(): boolean {
    return this.#etag !== undefined && (this.#canCompare || !isWeakEtag(this.#etag));
  }

  get #canCompare(): boolean {
    return this.#range.whole.algorithm !== 'none';
  }

  #fields(): RequestFields {
    // A weak etag satisfies no condition.
    if (this.#version && isWeakEtag(this.#etag)) this.#isComparing = true;
    return {
      op: 'download',
      path: pathField(this.#path),
      ...this.#range.fields(this.#isComparing),
      maxBytes: this.#length === MAX_INTEGER ? undefined : this.#length - this.#range.whole.bytes,
      ifMatch: this.#isComparing ? undefined : this.#etag,
      checksum: this.#context.checksum,
    };
  }

  #accept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    const entry = parseEntry(frame, 'file');
    if (this.#isComparing && this.#version) {
      if (!mayHaveSameBytes(this.#version, entry)) throw new TransferError('ESTALE');
      this.#isComparing = false;
    } else if ((this.#isAccepted || this.#etag !== undefined) && entry.etag !== this.#etag) {
      throw new TransferError('ESTALE');
    }
    this.#range.begin({ entry, offset: frame.offset, checksum: frame.checksum, length: this.#length });
    const isFirst = !this.#isAccepted;
    if (isFirst) this.onRange?.(this.#range.total);
    this.#isAccepted = true;
    this.#etag = entry.etag;
    this.#version = entry;
    this.#entry.resolve(entry);
    if (isFirst) this.#reportProgress();
  }

  /** After ESTALE, which may be due to a change of the metadata only. */
  #startComparison({ code }: TransferError): 'now' | 'later' | 'never' {
    if (code !== 'ESTALE' || !this.#version || !this.#mayCompare) return 'never';
    const { position } = this.#range;
    if (position - this.#comparedAt >= COMPARED_BYTES) this.#comparisons = 0;
    this.#comparedAt = position;
    this.#isComparing = this.#canCompare && this.#comparisons++ < MAX_COMPARISONS;
    if (!this.#isComparing) return 'never';
    return this.#comparisons === 1 ? 'now' : 'later';
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
      try {
        channel.addTo(this.#range, piece);
      } catch (thrown) {
        return this.#failDamaged(thrown);
      }
      channel.consumed(piece.length);
      this.#reportProgress();
      if (this.destroyed) return;
      this.#isReading = this.push(piece);
    }
    if (this.#result && channel?.bufferedBytes === 0 && !this.destroyed) this.#finish(this.#result);
  }

  #finish({ bytes, checksum, etag = this.#etag }: FrameOf<'result'>): void {
    this.#result = undefined;
    try {
      this.#range.finish({ bytes, checksum });
    } catch (thrown) {
      return this.#failDamaged(thrown);
    }
    const { whole } = this.#range;
    this.#completed.resolve({ bytes: whole.bytes, checksum: whole.digest(), etag });
    this.push(null);
  }

  #failDamaged(thrown: unknown): void {
    this.#isDamaged = hasErrno(thrown, 'EBADMSG');
    this.#fail(thrown);
  }

  #fail(thrown: unknown): void {
    const error = TransferError.from(thrown, { operation: 'download', path: this.#path });
    if (this.#request.isAnswered) this.#refusal ??= error;
    this.destroy(error);
  }
}

/** The error of a comparison: a server that finds other bytes answers EBADMSG, or ERANGE if there are fewer. */
function staleError(cause: TransferError): TransferError {
  return cause.code === 'EBADMSG' || cause.code === 'ERANGE'
    ? new TransferError('ESTALE', undefined, { cause })
    : cause;
}
