/**
 * A download as a Readable.
 *
 *     channel -> #pump -> ReceivedRange: count, checksum -> push -> reader
 *     result  -> compared with ReceivedRange -> end
 *     interruption -> the next channel, with the offset and checksum of ReceivedRange -> accept: same etag? -> ...
 *     ESTALE -> the next channel, without the etag, but with the checksum of all bytes -> accept: same size, time? -> ...
 */
import { Readable } from 'node:stream';
import { protocolError, TransferError } from '../../errors.js';
import { hasErrno } from '../../fs/errno.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_INTEGER } from '../../protocol/limits.js';
import { flagOption, integerOption, rejectUnknownOptions, textOption } from '../../options/option.js';
import { isWeakEtag } from '../../protocol/weak-etag.js';
import { mayHaveSameBytes } from '../../protocol/may-have-same-bytes.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { ClientChannel } from '../../session/channel/client-channel.js';
import type { RequestFields } from '../../session/client-session.js';
import { callOptionNames } from '../request/abort.js';
import { Deferred } from '../connection/deferred.js';
import { assertSamePath, parseFilePath, pathField } from '../request/path-argument.js';
import { progressOption, type ProgressListener } from '../request/progress.js';
import type { DownloadOptions, DownloadStream, VerifiedDownload } from './download-stream.js';
import { ReceivedRange, type RangeStart } from './received-range.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';
import type { ClientContext } from '../request/client-context.js';

export type { DownloadOptions, DownloadStream, VerifiedDownload };

/** A download that an earlier one has begun. */
export interface ResumedDownload extends RangeStart {
  /** The version of the bytes. */
  readonly version: Pick<FileEntry, 'size' | 'mtime' | 'etag'>;
}

/** Comparisons with less than `COMPARED_BYTES` between them: the metadata of the file changes during each. */
const MAX_COMPARISONS = 5;

const COMPARED_BYTES = 64 * 1024;

/** Bytes that wait in the Readable; more wait in the channel, up to its window. */
const HIGH_WATER_MARK = 256 * 1024;

/** The names of {@link DownloadOptions} that a download which ends can have. */
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
  readonly #follows: boolean;
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
    rejectUnknownOptions('download', options, ['follow', ...downloadOptionNames]);
    const start = integerOption('offset', options.offset, { min: 0, default: 0 });
    this.#length = integerOption('length', options.length, { min: 0, default: MAX_INTEGER });
    this.#follows = flagOption('follow', options.follow) ?? false;
    if (this.#follows && options.length !== undefined)
      throw new TypeError('The options follow and length exclude each other.');
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
      feature: this.#follows ? 'follow' : undefined,
      isEndless: () => this.#follows && this.#range.isComplete,
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
      onStart: () => {
        const { channel } = this.#request;
        if (channel) channel.verifiesEach = this.#follows;
      },
      onTimeout: (error) => this.#fail(error),
      repeatsAfter: (error) => this.#startComparison(error),
      onEnd: (outcome) => {
        if (outcome instanceof TransferError)
          return this.#fail(this.#isComparing || this.#continuesFollowing ? staleError(outcome) : outcome);
        if (this.#follows)
          return this.#fail(protocolError('The server has sent the result of a followed download.'));
        this.#result = outcome;
        this.#pump();
      },
    };
  }

  /** Whether the file may have grown, or have another version that begins with the received bytes. */
  get #continuesFollowing(): boolean {
    return this.#follows && this.#isAccepted;
  }

  /** Whether the rest can be told to be of the same version as the received bytes: by a strong etag, or by comparing. */
  get #isResumable(): boolean {
    if (this.#follows) return this.#canCompare || this.#range.whole.bytes === 0;
    return this.#etag !== undefined && (this.#canCompare || !isWeakEtag(this.#etag));
  }

  get #canCompare(): boolean {
    return this.#range.whole.algorithm !== 'none';
  }

  #fields(): RequestFields {
    // A weak etag satisfies no condition.
    if (this.#version && isWeakEtag(this.#etag) && !this.#follows) this.#isComparing = true;
    const comparesAll = this.#isComparing || this.#continuesFollowing;
    return {
      op: 'download',
      path: pathField(this.#path),
      ...this.#range.fields(comparesAll),
      maxBytes: this.#length === MAX_INTEGER ? undefined : this.#length - this.#range.whole.bytes,
      ifMatch: comparesAll ? undefined : this.#etag,
      follow: this.#follows || undefined,
      checksum: this.#context.checksum,
    };
  }

  #accept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    const entry = parseEntry(frame, 'file');
    if (this.#continuesFollowing) this.#isComparing = false;
    else if (this.#isComparing && this.#version) {
      if (!mayHaveSameBytes(this.#version, entry)) throw new TransferError('ESTALE');
      this.#isComparing = false;
    } else if ((this.#isAccepted || this.#etag !== undefined) && entry.etag !== this.#etag) {
      throw new TransferError('ESTALE');
    }
    this.#range.begin({
      entry,
      offset: frame.offset,
      checksum: frame.checksum,
      length: this.#length,
      grows: this.#follows,
    });
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
    // The server may still count the download of the lost connection.
    if (this.#continuesFollowing) return code === 'EAGAIN' ? 'later' : 'never';
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
    // A checksum may have arrived behind the bytes.
    if (this.#follows && channel?.bufferedBytes === 0) this.#verify(channel);
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

  #verify(channel: ClientChannel): void {
    try {
      channel.verify(this.#range);
    } catch (thrown) {
      this.#failDamaged(thrown);
    }
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
