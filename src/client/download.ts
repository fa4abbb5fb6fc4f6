/**
 * A download as a Readable: it takes from its channel what its reader asks for, and ends well only when the count of
 * bytes and the checksum are those that the server says.
 */
import { Readable } from 'node:stream';
import { TransferError } from '../errors.js';
import { BodyCheck, parseChecksumAlgorithm } from '../protocol/checksum.js';
import { parseEntry, type Entry } from '../protocol/entry.js';
import type { FrameOf } from '../protocol/frames.js';
import { MAX_INTEGER } from '../protocol/limits.js';
import { integerOption, refuseUnknown, textOption } from '../protocol/option.js';
import { parseUserPath, ROOT, type RemotePath } from '../protocol/remote-path.js';
import type { ClientChannel } from '../session/client-channel.js';
import { checkNotAborted, onAbort } from './abort.js';
import { Deferred } from './deferred.js';
import { checkEcho, pathField, type CallOptions, type Requester } from './request.js';

/** What part of a file to download, and which version. */
export interface DownloadOptions extends CallOptions {
  /** The first byte. Default 0. ERANGE if the file is shorter. */
  offset?: number | undefined;
  /** Bytes at most. Default: all to the end. */
  length?: number | undefined;
  /** Only if the file has this etag; ESTALE otherwise. */
  ifMatch?: string | undefined;
}

/** A Readable of a file's bytes. It fails with a {@link TransferError}, and never ends early. */
export interface DownloadStream extends Readable {
  /** What is downloaded: size (of the whole file, in bytes), mtime and etag. Known before the first byte. */
  readonly info: Promise<Entry>;
}

/** Bytes that wait in the Readable for its reader; more wait in the channel, under its window. */
const HIGH_WATER_MARK = 256 * 1024;

const OPTION_NAMES = ['offset', 'length', 'ifMatch', 'signal'];

/** @internal */
export class Download extends Readable implements DownloadStream {
  readonly #info = new Deferred<Entry>();
  readonly #path: RemotePath = ROOT;
  readonly #offset: number;
  readonly #length: number;
  #channel: ClientChannel | undefined;
  #check = new BodyCheck('none');
  #expectedBytes = 0;
  #result: FrameOf<'result'> | undefined;
  #wanted = false;
  #stopListening: (() => void) | undefined;

  constructor(requester: Requester, path: string, options: DownloadOptions) {
    super({ highWaterMark: HIGH_WATER_MARK });
    refuseUnknown('download', options, OPTION_NAMES);
    this.#offset = integerOption('offset', options.offset, { min: 0, default: 0 });
    this.#length = integerOption('length', options.length, { min: 0, default: MAX_INTEGER });
    try {
      this.#path = parseUserPath(path);
      checkNotAborted(options.signal);
      this.#channel = this.#open(requester, options);
      this.#stopListening = onAbort(options.signal, (error) => this.#fail(error));
    } catch (thrown) {
      if (thrown instanceof TypeError) throw thrown;
      // Not before the caller has joined the stream with another: nobody can pipe from or to one that is destroyed.
      process.nextTick(() => this.#fail(thrown));
    }
  }

  get info(): Promise<Entry> {
    return this.#info.promise;
  }

  override _read(): void {
    this.#wanted = true;
    this.#pump();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopListening?.();
    this.#channel?.cancel();
    this.#info.reject(() => error ?? new TransferError('ECANCELED'));
    done(error);
  }

  #open(requester: Requester, { ifMatch }: DownloadOptions): ClientChannel {
    const fields = {
      op: 'download',
      path: pathField(this.#path),
      offset: this.#offset,
      limit: this.#length === MAX_INTEGER ? undefined : this.#length,
      ifMatch: textOption('ifMatch', ifMatch),
      checksum: requester.checksum,
    };
    return requester.request(fields, 'body', {
      accepted: (frame) => this.#attempt(() => this.#accepted(frame)),
      readable: () => this.#pump(),
      closed: (outcome) => {
        if (outcome instanceof TransferError) return this.#fail(outcome);
        this.#result = outcome;
        this.#pump();
      },
    });
  }

  #accepted(frame: FrameOf<'accept'>): void {
    checkEcho(this.#path, frame.path);
    const info = parseEntry(frame);
    if (frame.offset !== this.#offset || info.size < this.#offset) {
      throw new TransferError('EPROTO', 'The server sends another part of the file than was asked for.');
    }
    this.#expectedBytes = Math.min(info.size - this.#offset, this.#length);
    this.#check = new BodyCheck(parseChecksumAlgorithm(frame.checksum ?? 'none'));
    this.#info.resolve(info);
  }

  #pump(): void {
    const channel = this.#channel;
    while (channel && this.#wanted && channel.waitingBytes > 0) {
      for (const piece of channel.take(HIGH_WATER_MARK)) {
        this.#check.update(piece);
        channel.consumed(piece.length);
        this.#wanted = this.push(piece);
      }
    }
    if (this.#result && channel?.waitingBytes === 0 && !this.destroyed) {
      const { bytes, checksum } = this.#result;
      this.#attempt(() => this.#finish(bytes, checksum));
    }
  }

  #finish(bytes: number | undefined, checksum: string | undefined): void {
    this.#result = undefined;
    this.#check.compare({ bytes, checksum });
    if (this.#check.bytes !== this.#expectedBytes) {
      throw new TransferError('EBADMSG', 'The file that came has not the size that was said.');
    }
    this.#stopListening?.();
    this.push(null);
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    this.destroy(TransferError.from(thrown, { operation: 'download', path: this.#path }));
  }
}
