/**
 * An upload as a Writable: its `finish` comes when the server has stored the file under its name, whole and verified.
 * When a connection is lost it sends what was not acknowledged on the next one, and goes on.
 *
 *     _write -> kept -> channel.send -> done            accepted on another channel -> kept bytes -> channel.send -> done
 */
import { Writable } from 'node:stream';
import { TransferError, withOutcome } from '../errors.js';
import { BodyCheck } from '../protocol/checksum.js';
import { parseEntry } from '../protocol/entry.js';
import type { FrameOf } from '../protocol/frames.js';
import { dateOption, flagOption, integerOption, refuseUnknown, textOption } from '../protocol/option.js';
import { ROOT, type RemotePath } from '../protocol/remote-path.js';
import type { RequestFields } from '../session/client-session.js';
import { callOptionNames } from './abort.js';
import { Deferred } from './deferred.js';
import type { EarlierUpload } from './earlier-upload.js';
import { checkEcho, neededPath, pathField } from './asked-path.js';
import { KeptBytes } from './kept-bytes.js';
import { Request, type RequestOwner } from './request.js';
import { newUploadId } from './upload-id.js';
import type { StoredUpload, UploadOptions, UploadStream } from './upload-stream.js';
import type { Requester } from './requester.js';

/** Bytes that the Writable takes before it asks its writer to wait. */
const HIGH_WATER_MARK = 256 * 1024;

type Done = (error?: Error | null) => void;

/** The names of the options of an upload. */
export const uploadOptionNames = ['size', 'mtime', 'overwrite', 'ifMatch', ...callOptionNames];

/** @internal */
export class Upload extends Writable implements UploadStream {
  readonly #stored = new Deferred<StoredUpload>();
  readonly #request: Request;
  #check: BodyCheck;
  readonly #size: number | undefined;
  readonly #conditions: Pick<
    RequestFields,
    'size' | 'mtime' | 'overwrite' | 'ifMatch' | 'checksum' | 'upload'
  >;
  #path: RemotePath = ROOT;
  #earlier: EarlierUpload | undefined;
  /** What may have to be sent once more; undefined where nobody would ask for it. */
  #kept: KeptBytes | undefined;
  /** Whether the server knows of the upload, so that it has to say where to go on. */
  #known = false;
  /** Byte of the file with which the body of the current channel begins; undefined while the server has not said it. */
  #base: number | undefined = 0;
  /** Whether the channel has pieces that are not all on their way. */
  #sending = false;
  /** What was written while kept bytes are sent once more. */
  #next: readonly Buffer[] | undefined;
  #endSent = false;
  /** Whether all has been written: then the end goes out right behind it. */
  #isWhole = false;
  #early: FrameOf<'result'> | undefined;
  #perhapsStored = false;
  /** That it is stored already, of an upload that an earlier process has ended. */
  #storedBefore: FrameOf<'result'> | undefined;
  #written: Done | undefined;
  #finish: Done | undefined;

  constructor(requester: Requester, path: string, options: UploadOptions, earlier?: EarlierUpload) {
    super({ highWaterMark: HIGH_WATER_MARK });
    refuseUnknown('upload', options, uploadOptionNames);
    this.#check = new BodyCheck(requester.checksum);
    if (options.size !== undefined) this.#size = integerOption('size', options.size, { min: 0, default: 0 });
    this.#earlier = earlier;
    const resumable = earlier !== undefined || requester.link.reconnects;
    if (resumable) this.#kept = new KeptBytes();
    this.#conditions = {
      size: this.#size,
      mtime: dateOption('mtime', options.mtime),
      overwrite: flagOption('overwrite', options.overwrite),
      ifMatch: textOption('ifMatch', options.ifMatch),
      checksum: requester.checksum,
      upload: earlier?.id ?? (resumable ? newUploadId() : undefined),
    };
    if (earlier) this.#forgetPlace();
    this.#request = new Request(requester, this.#owner());
    this.#request.start(options, () => (this.#path = neededPath('upload', path)));
  }

  get stored(): Promise<StoredUpload> {
    return this.#stored.promise;
  }

  /** Byte of the file up to which nothing is needed any more: the server has taken it in. */
  get takenIn(): number {
    return this.#kept?.from ?? 0;
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
    if (!this.#hasSize) {
      const reason = `${this.#check.bytes} bytes were written instead of ${this.#size}.`;
      // The same writer would write the same once more.
      return done(this.#error(new TransferError('EBADMSG', reason, { retryable: false })));
    }
    this.#finish = done;
    const result = this.#early;
    if (result) this.#attempt(() => this.#complete(result));
    else this.#end();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#request.cancel();
    this.#kept = undefined;
    this.#stored.reject(() => error ?? new TransferError('ECANCELED'));
    done(error);
  }

  #owner(): RequestOwner {
    const repeatable = (): boolean => this.#kept !== undefined;
    return {
      wants: 'nothing',
      repeatable,
      harmless: () => repeatable() || !(this.#endSent || this.#perhapsStored),
      fields: () => this.#fields(),
      begun: () => this.#begun(),
      accepted: (frame) => this.#accepted(frame),
      acknowledged: (offset) => this.#kept?.drop((this.#base ?? 0) + offset),
      interrupted: () => {
        // Without its `end` an upload is never stored.
        this.#perhapsStored ||= this.#endSent;
        this.#endSent = false;
        this.#forgetPlace();
      },
      settled: (outcome) => {
        if (outcome instanceof TransferError)
          this.#fail(this.#perhapsStored ? withOutcome(outcome, true) : outcome);
        // Where both ends are in one process the answer may be there before the stream has noticed its own end.
        else if (this.#isWhole && !this.#finish && !this.#earlier) this.#early = outcome;
        else this.#attempt(() => this.#answered(outcome));
      },
    };
  }

  /** Whether as much has been written as was announced. */
  get #hasSize(): boolean {
    return this.#size === undefined || this.#check.bytes === this.#size;
  }

  #fields(): RequestFields {
    const path = pathField(this.#path);
    const offset = this.#known ? (this.#kept?.from ?? 0) : undefined;
    return { op: 'upload', path, ...this.#conditions, offset };
  }

  #forgetPlace(): void {
    this.#known = true;
    this.#base = undefined;
    this.#sending = false;
    this.#next = undefined;
  }

  /** What was written before there was a channel goes out, unless the server has to say from where on. */
  #begun(): void {
    if (this.#base === undefined) return;
    const pieces = this.#next;
    this.#next = undefined;
    if (pieces) this.#sendOn(pieces);
    else this.#end();
  }

  #accepted(frame: FrameOf<'accept'>): void {
    checkEcho(this.#path, frame.path);
    if (this.#base !== undefined) return;
    const offset = frame.offset ?? 0;
    if (this.#earlier) return this.#beginLater(this.#earlier, offset);
    const pieces = this.#kept?.resume(offset) ?? [];
    this.#base = offset;
    this.#sendOn(pieces);
  }

  /** The source is read from where the server has come to. */
  #beginLater(earlier: EarlierUpload, offset: number): void {
    this.#earlier = undefined;
    this.#kept = new KeptBytes(offset);
    this.#base = offset;
    this.#check = earlier.begin(offset);
  }

  #send(pieces: readonly Buffer[], done: Done): void {
    let bytes = 0;
    for (const piece of pieces) {
      bytes += piece.length;
      this.#check.update(piece);
      this.#kept?.push(piece);
    }
    this.#isWhole = this.writableEnded && this.writableLength === bytes && this.#hasSize;
    this.#written = done;
    // Without a channel that has its place, all that is kept goes out when there is one.
    if (this.#base === undefined) return;
    if (this.#sending || !this.#request.channel) this.#next = pieces;
    else this.#sendOn(pieces);
  }

  #sendOn(pieces: readonly Buffer[]): void {
    this.#sending = true;
    this.#request.channel?.send(pieces, (error) => {
      // What became of the channel is told by other ways.
      if (!error) this.#sent();
    });
  }

  #sent(): void {
    this.#sending = false;
    const next = this.#next;
    this.#next = undefined;
    if (next) return this.#sendOn(next);
    const done = this.#written;
    this.#written = undefined;
    done?.();
    this.#end();
  }

  #end(): void {
    const { channel } = this.#request;
    const isWhole = this.#finish !== undefined || this.#isWhole;
    if (!channel || !isWhole || this.#base === undefined || this.#sending || this.#endSent) return;
    if (this.#storedBefore) {
      if (this.#finish) this.#attempt(() => this.#complete(this.#storedBefore));
      return;
    }
    this.#endSent = true;
    channel.end(this.#check.bytes, this.#check.digest());
  }

  #answered(result: FrameOf<'result'>): void {
    if (!this.#earlier) return this.#complete(result);
    if (result.bytes !== this.#size)
      throw new TransferError('EPROTO', 'The server ends an upload that is not complete.');
    // All the same the source is summed up, and compared.
    this.#storedBefore = result;
    this.#beginLater(this.#earlier, result.bytes ?? 0);
  }

  #complete(result: FrameOf<'result'> | undefined): void {
    const finish = this.#finish;
    if (!finish || !result)
      throw new TransferError('EPROTO', 'The server ends an upload that is not complete.');
    checkEcho(this.#path, result.path);
    const entry = parseEntry(result);
    const checksum = this.#check.digest();
    this.#check.compare({ bytes: result.bytes, checksum: result.checksum });
    this.#stored.resolve({ checksum: result.checksum === undefined ? undefined : checksum, ...entry });
    finish();
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
