/**
 * An upload as a Writable: its `finish` comes when the server has stored the file under its name, whole and verified.
 */
import { Writable } from 'node:stream';
import { TransferError } from '../errors.js';
import { BodyCheck } from '../protocol/checksum.js';
import { parseEntry, type Entry } from '../protocol/entry.js';
import type { FrameOf } from '../protocol/frames.js';
import { dateOption, integerOption, refuseUnknown, textOption } from '../protocol/option.js';
import { parseUserPath, ROOT, type RemotePath } from '../protocol/remote-path.js';
import type { ClientChannel } from '../session/client-channel.js';
import { checkNotAborted, onAbort } from './abort.js';
import { Deferred } from './deferred.js';
import { checkEcho, pathField, type CallOptions, type Requester } from './request.js';

/** How to store an upload. */
export interface UploadOptions extends CallOptions {
  /** Bytes that will be written. If given, another count is refused with EBADMSG. */
  size?: number | undefined;
  /** The time of change that the file is to have, as a Date or in milliseconds. Default: when it is stored. */
  mtime?: Date | number | undefined;
  /** Whether an existing file may be replaced; EEXIST otherwise. Default true. */
  overwrite?: boolean | undefined;
  /** Only if the existing file has this etag; ESTALE otherwise. */
  ifMatch?: string | undefined;
}

/** A stored upload. */
export interface StoredUpload extends Entry {
  /** What both ends have verified, e.g. `crc32:0a1b2c3d`; undefined if the checksum is `'none'`. */
  readonly checksum: string | undefined;
}

/**
 * A Writable of a file's bytes, which must not be changed once they are written. Until its `finish` an older file
 * stands; it fails with a {@link TransferError}.
 */
export interface UploadStream extends Writable {
  /** What was stored; settles with `finish`. */
  readonly stored: Promise<StoredUpload>;
}

/** Bytes that the Writable takes before it asks its writer to wait. */
const HIGH_WATER_MARK = 256 * 1024;

type Done = (error?: Error | null) => void;

const OPTION_NAMES = ['size', 'mtime', 'overwrite', 'ifMatch', 'signal'];

/** @internal */
export class Upload extends Writable implements UploadStream {
  readonly #stored = new Deferred<StoredUpload>();
  readonly #path: RemotePath = ROOT;
  readonly #check: BodyCheck;
  readonly #size: number | undefined;
  #channel: ClientChannel | undefined;
  #finish: Done | undefined;
  #stopListening: (() => void) | undefined;

  constructor(requester: Requester, path: string, options: UploadOptions) {
    super({ highWaterMark: HIGH_WATER_MARK });
    refuseUnknown('upload', options, OPTION_NAMES);
    this.#check = new BodyCheck(requester.checksum);
    if (options.size !== undefined) this.#size = integerOption('size', options.size, { min: 0, default: 0 });
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

  get stored(): Promise<StoredUpload> {
    return this.#stored.promise;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Done): void {
    if (this.#size !== undefined && this.#check.bytes !== this.#size) {
      done(
        this.#error(
          new TransferError('EBADMSG', `${this.#check.bytes} bytes were written instead of ${this.#size}.`),
        ),
      );
      return;
    }
    this.#finish = done;
    this.#channel?.end(this.#check.bytes, this.#check.digest());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#stopListening?.();
    this.#channel?.cancel();
    this.#stored.reject(() => error ?? new TransferError('ECANCELED'));
    done(error);
  }

  #open(requester: Requester, options: UploadOptions): ClientChannel {
    const { mtime, overwrite, ifMatch } = options;
    const fields = {
      op: 'upload',
      path: pathField(this.#path),
      size: this.#size,
      mtime: dateOption('mtime', mtime),
      overwrite,
      ifMatch: textOption('ifMatch', ifMatch),
      checksum: requester.checksum,
    };
    return requester.request(fields, 'nothing', {
      accepted: (frame) => this.#attempt(() => checkEcho(this.#path, frame.path)),
      closed: (outcome) => {
        if (outcome instanceof TransferError) this.#fail(outcome);
        else this.#attempt(() => this.#complete(outcome));
      },
    });
  }

  #complete(result: FrameOf<'result'>): void {
    const finish = this.#finish;
    if (!finish) throw new TransferError('EPROTO', 'The server ends an upload that is not complete.');
    checkEcho(this.#path, result.path);
    const entry = parseEntry(result);
    const checksum = this.#check.digest();
    this.#check.compare({ bytes: result.bytes, checksum: result.checksum });
    this.#stored.resolve({ ...entry, checksum: result.checksum === undefined ? undefined : checksum });
    finish();
  }

  #send(pieces: readonly Buffer[], done: Done): void {
    for (const piece of pieces) this.#check.update(piece);
    this.#channel?.send(pieces, (error) => done(error && this.#error(error)));
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    this.destroy(this.#error(thrown));
  }

  #error(thrown: unknown): TransferError {
    return TransferError.from(thrown, { operation: 'upload', path: this.#path });
  }
}
