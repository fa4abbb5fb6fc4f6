/**
 * An upload from its request to its result, over as many connections as it takes; `upload-state.ts` has its states.
 * Whoever has the bytes writes them here: a Writable, a local file or a caller with a buffer.
 *
 *     write -> body -> channel.send -> written         accept on the next channel -> body.resume -> channel.send -> ...
 *     end   -> channel.end -> result -> stored
 */
import { TransferError, withOutcome } from '../../errors.js';
import { parseEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { RequestFields } from '../../session/client-session.js';
import type { CallOptions } from '../request/abort.js';
import { assertSamePath, pathField } from '../request/path-argument.js';
import type { ProgressListener } from '../request/progress.js';
import { Request, type RequestHandler } from '../request/request.js';
import type { ClientContext } from '../request/client-context.js';
import type { UploadBody } from './upload-body.js';
import { nextUploadState, type UploadEvent, type UploadState } from './upload-state.js';
import type { StoredUpload, UploadConditions } from './upload-stream.js';

/** What is uploaded, and how. */
export interface UploadPlan {
  readonly conditions: UploadConditions;
  /** The id under which the upload can be resumed; undefined if it cannot. */
  readonly id: string | undefined;
  /** Whether an earlier process may have begun the upload under this id. */
  readonly isOlder: boolean;
  readonly body: UploadBody;
  /** Told in later turns of the event loop. The end of the upload waits until it has been told of the last byte. */
  readonly onProgress?: ProgressListener | undefined;
}

/** What is told of an upload; `onStored` or `onFailed` is the last call, and neither comes after `cancel`. */
export interface UploadListener {
  /** The server has all bytes before this one. Called once, before any byte is sent. */
  onOffset?(offset: number): void;
  /** The file is stored, and holds the bytes that were written. */
  onStored(upload: StoredUpload): void;
  /** With a TransferError, or with what `onProgress` has thrown. */
  onFailed(error: unknown): void;
}

export class UploadTransfer implements RequestHandler {
  readonly wants = 'nothing';
  readonly #request: Request;
  readonly #plan: UploadPlan;
  readonly #body: UploadBody;
  readonly #listener: UploadListener;
  #path: RemotePath = REMOTE_ROOT;
  #state: UploadState;
  #unsent: readonly Uint8Array[] = [];
  #onWritten: ((error?: unknown) => void) | undefined;
  #isComplete = false;
  /** What the channels that were lost had been given. */
  #sentBeforeCut: 'nothing' | 'bytes' | 'end' = 'nothing';
  #result: FrameOf<'result'> | undefined;
  #failure: unknown;
  /** Bytes that `onProgress` has been told of. */
  #reportedBytes = -1;

  constructor(context: ClientContext, plan: UploadPlan, listener: UploadListener) {
    this.#plan = plan;
    this.#body = plan.body;
    this.#listener = listener;
    this.#state = plan.isOlder ? 'older' : 'new';
    this.#request = new Request(context, this);
  }

  /** Whether the upload was stored, has failed or was cancelled. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** The error with which the upload has ended. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether bytes were given to more than one channel. */
  get wasInterrupted(): boolean {
    return this.#sentBeforeCut !== 'nothing';
  }

  /** Asks the server. Throws a TypeError for an option that is wrong; what `parsePath` throws is told later. */
  start(options: CallOptions, parsePath: () => RemotePath): void {
    this.#request.start(options, () => (this.#path = parsePath()));
  }

  /** Sends the next bytes, and calls back when there is room for more, or with the error that ends the upload. */
  write(pieces: readonly Uint8Array[], written: (error?: unknown) => void): void {
    for (const piece of pieces) this.#body.push(piece);
    this.#unsent = pieces;
    this.#onWritten = written;
    if (this.#transition('write')) this.#send();
  }

  /** No more bytes follow: the server is to store what was written. */
  end(): void {
    if (this.isClosed) return;
    const { size } = this.#plan.conditions;
    const { bytes } = this.#body.check;
    if (size !== undefined && bytes !== size) {
      const reason = `${bytes} bytes were written instead of ${size}.`;
      // The same caller would write the same bytes again.
      return this.#fail(new TransferError('EBADMSG', reason, { retryable: false }));
    }
    this.#isComplete = true;
    this.#endIfReady();
  }

  /** Nobody wants the upload any more. */
  cancel(): void {
    this.#state = 'closed';
    this.#request.cancel();
  }

  // For the request

  isIdempotent(): boolean {
    return this.#plan.id !== undefined;
  }

  fields(): RequestFields {
    const { conditions, id } = this.#plan;
    const offset = this.#state === 'new' ? undefined : this.#body.from;
    const checksum = this.#body.check.algorithm;
    return { op: 'upload', path: pathField(this.#path), ...conditions, checksum, upload: id, offset };
  }

  onStart(): void {
    if (!this.#transition('begin')) return;
    this.#setOffset(0);
    this.#send();
  }

  onAccept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    const before = this.#state;
    if (!this.#transition('accept')) return;
    const { offset = 0 } = frame;
    if (before === 'older') this.#setOffset(offset);
    this.#unsent = this.#body.resume(offset);
    this.#send();
  }

  onAck(bytes: number): void {
    this.#body.acknowledge(bytes);
  }

  onInterrupt(isSent: boolean): void {
    // Without its `end` an upload is never stored.
    if (this.#state === 'ended' && isSent) this.#sentBeforeCut = 'end';
    else if (this.#state !== 'older' && this.#sentBeforeCut === 'nothing') this.#sentBeforeCut = 'bytes';
    this.#transition('interrupt');
  }

  onEnd(outcome: FrameOf<'result'> | TransferError): void {
    if (!(outcome instanceof TransferError)) return this.#attempt(() => this.#handleResult(outcome));
    this.#fail(this.#sentBeforeCut === 'end' ? withOutcome(outcome, true) : outcome);
  }

  #handleResult(result: FrameOf<'result'>): void {
    const before = this.#state;
    this.#transition('result');
    this.#result = result;
    if (before === 'cut' && this.#sentBeforeCut !== 'end') throw notComplete();
    if (before === 'older') {
      // An earlier process has stored it. The bytes are compared all the same.
      if (result.bytes !== this.#plan.conditions.size) throw notComplete();
      this.#setOffset(result.bytes ?? 0);
      this.#callWritten();
    }
    this.#endIfReady();
  }

  #send(): void {
    const pieces = this.#unsent;
    this.#unsent = [];
    this.#request.channel?.send(pieces, (error) => {
      // What became of the channel is told by other ways.
      if (!error && this.#state === 'sending') this.#handleSent();
    });
  }

  #handleSent(): void {
    // Written while bytes of a lost channel were sent again.
    if (this.#unsent.length > 0) return this.#send();
    this.#transition('sent');
    this.#reportProgress(this.#body.check.bytes, () => this.#callWritten());
    this.#endIfReady();
  }

  #setOffset(offset: number): void {
    this.#listener.onOffset?.(offset);
    this.#reportProgress(offset);
  }

  /** Tells `onProgress`, if it is given, and calls `next`. Not now, while the connection processes frames. */
  #reportProgress(bytes: number, next?: () => void): void {
    const { onProgress, conditions } = this.#plan;
    if (!onProgress) return next?.();
    process.nextTick(() => {
      if (this.isClosed) return;
      try {
        if (bytes > this.#reportedBytes) onProgress({ bytes, total: conditions.size });
      } catch (thrown) {
        return this.#stop(thrown);
      }
      this.#reportedBytes = Math.max(bytes, this.#reportedBytes);
      if (this.isClosed) return;
      next?.();
      this.#endIfReady();
    });
  }

  #callWritten(error?: unknown): void {
    const written = this.#onWritten;
    this.#onWritten = undefined;
    written?.(error);
  }

  /** Does what follows the last byte, as soon as that is possible. */
  #endIfReady(): void {
    const result = this.#result;
    if (!this.#isComplete || (this.#plan.onProgress && this.#reportedBytes < this.#body.check.bytes)) return;
    if (result) return this.#attempt(() => this.#complete(result));
    if (this.#state !== 'idle') return;
    this.#transition('end');
    const { check } = this.#body;
    this.#request.channel?.end(check.bytes, check.digest());
  }

  #complete(result: FrameOf<'result'>): void {
    const { check } = this.#body;
    assertSamePath(this.#path, result.path);
    const entry = parseEntry(result);
    check.compare({ bytes: result.bytes, checksum: result.checksum });
    this.#transition('complete');
    const checksum = result.checksum === undefined ? undefined : check.digest();
    this.#listener.onStored({ checksum, ...entry });
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    if (this.isClosed) return;
    this.#stop(TransferError.from(thrown, { operation: 'upload', path: this.#path }));
  }

  #stop(error: unknown): void {
    this.cancel();
    this.#failure = error;
    this.#listener.onFailed(error);
    this.#callWritten(error);
  }

  /** Moves on by the table. Returns whether that is another state. */
  #transition(event: UploadEvent): boolean {
    const before = this.#state;
    const next = nextUploadState(before, event);
    if (next === undefined) throw notComplete();
    this.#state = next;
    return next !== before;
  }
}

function notComplete(): TransferError {
  return new TransferError('EPROTO', 'The server ends an upload that is not complete.');
}
