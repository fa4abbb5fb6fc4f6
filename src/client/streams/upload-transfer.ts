/**
 * An upload from its request to its result, on as many connections as it takes. `upload-state.ts` has its states.
 * Its bytes come from an `Upload`, a `ResumableFileUpload` or `uploadBuffer`.
 *
 *     write -> UploadBody -> channel.send -> written
 *     end   -> channel.end -> result -> compared with UploadBody -> onStored
 *     interruption -> the next channel -> accept: the server's offset -> UploadBody.resume -> channel.send -> ...
 */
import { nextTick } from '../../clock.js';
import { TransferError } from '../../errors.js';
import { assertAlgorithm } from '../../protocol/checksum.js';
import type { FrameOf } from '../../protocol/frames.js';
import { REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { RequestFields } from '../../session/client-session.js';
import type { CallOptions } from '../request/abort.js';
import { assertSamePath, pathField } from '../request/path-argument.js';
import { Request } from '../request/request.js';
import type { RequestHandler } from '../request/request-handler.js';
import type { ClientContext } from '../request/client-context.js';
import type { UploadBody } from './upload-body.js';
import { uploadIdOf, type UploadListener, type UploadPlan } from './upload-plan.js';
import { earlyResult, nextUploadState, type UploadEvent, type UploadState } from './upload-state.js';
import { storedUpload } from './upload-stream.js';

export class UploadTransfer implements RequestHandler {
  readonly wants = 'nothing';
  readonly isChange = true;
  readonly isSafe = false;
  /** The error that `onFailed` was given. */
  failure: unknown;
  readonly #request: Request;
  readonly #plan: UploadPlan;
  /** Undefined if the upload cannot be resumed: then it begins with byte 0 again. */
  readonly id: string | undefined;
  readonly #body: UploadBody;
  readonly #listener: UploadListener;
  #path: RemotePath = REMOTE_ROOT;
  #state: UploadState;
  #unsent: readonly Uint8Array[] = [];
  #onWritten: ((error?: unknown) => void) | undefined;
  #isComplete = false;
  /** What the lost channels had been given; `undone`: the end, but the server has said that it has not stored the file yet. */
  #sentBefore: 'nothing' | 'bytes' | 'end' | 'undone' = 'nothing';
  #result: FrameOf<'result'> | undefined;
  /** The etag that the file must have, if it is known. */
  #ifMatch: string | undefined;
  #reportedBytes = -1;

  constructor(context: ClientContext, plan: UploadPlan, listener: UploadListener) {
    this.#plan = plan;
    this.id = uploadIdOf(context, plan);
    this.#body = plan.body;
    this.#listener = listener;
    this.#ifMatch = plan.conditions.ifMatch;
    this.#state = plan.resumeId === undefined ? 'new' : 'resuming';
    this.#request = new Request(context, this);
  }

  /** Whether the upload was stored, has failed or was cancelled. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Whether bytes were given to a channel that was lost. */
  get wasInterrupted(): boolean {
    return this.#sentBefore !== 'nothing';
  }

  /** Sends the request. Throws a TypeError for a wrong option; errors of `parsePath` go to `onFailed`. */
  start(options: CallOptions, parsePath: () => RemotePath): void {
    this.#request.start(options, () => (this.#path = parsePath()));
  }

  /** Sends the next bytes. `onWritten` is called when there is room for more, or with the error of the upload. */
  write(pieces: readonly Uint8Array[], onWritten: (error?: unknown) => void): void {
    this.#unsent = pieces;
    this.#onWritten = onWritten;
    if (this.isClosed) return this.#callWritten(this.failure);
    this.#attempt(() => {
      for (const piece of pieces) this.#body.push(piece);
      if (this.#transition('write')) this.#send();
    });
    this.#request.resume();
  }

  /** No more bytes follow: the server is asked to store the file. */
  end(): void {
    if (this.isClosed) return;
    const { size } = this.#plan.conditions;
    const { bytes } = this.#body.check;
    if (size !== undefined && bytes !== size) {
      const reason = `${bytes} bytes were written instead of ${size}.`;
      // Not retryable: the same caller would write the same bytes again.
      return this.#fail(new TransferError('EBADMSG', reason, { retryable: false }));
    }
    this.#isComplete = true;
    this.#endIfReady();
    this.#request.resume();
  }

  /** Ends the upload without a further event. */
  cancel(): void {
    this.#state = 'closed';
    this.#request.cancel();
  }

  // Called by the request

  // A second upload would replace what other clients have stored after the first one.
  isIdempotent(): boolean {
    return this.canPause() && !this.mayBeDone();
  }

  /** An append continues the version that `accept` has named, or begins with the first byte again. */
  canPause(): boolean {
    const canContinue = !this.#plan.conditions.append || this.#ifMatch !== undefined || this.#body.from === 0;
    return this.id !== undefined && canContinue;
  }

  // The server stores no upload before it has received `end`.
  mayBeDone(): boolean {
    return this.#sentBefore === 'end';
  }

  question(): RequestFields | undefined {
    if (this.id === undefined) return undefined;
    return { op: 'upload-status', path: pathField(this.#path), upload: this.id };
  }

  onUndone(): void {
    this.#sentBefore = 'undone';
  }

  wantsMore(): boolean {
    return this.#isComplete || this.#onWritten !== undefined;
  }

  progress(): number {
    return this.#body.acknowledged;
  }

  fields(): RequestFields {
    const { conditions } = this.#plan;
    const isFirst = this.#state === 'new' || (conditions.append && this.#ifMatch === undefined);
    const offset = isFirst || this.id === undefined ? undefined : this.#body.from;
    const { algorithm: checksum } = this.#body.check;
    const path = pathField(this.#path);
    const ifMatch = this.#ifMatch;
    return { op: 'upload', path, ...conditions, ifMatch, checksum, upload: this.id, offset };
  }

  onStart(): void {
    if (!this.#transition('begin')) return;
    this.#setOffset(0);
    this.#send();
  }

  onAccept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    assertAlgorithm(this.#body.check.algorithm, frame.checksum);
    const { offset = 0, etag } = frame;
    if (this.#plan.conditions.append) this.#ifMatch ??= etag;
    const before = this.#state;
    if (!this.#transition('accept')) return;
    if (before === 'resuming') this.#setOffset(offset);
    else this.#sentBefore = 'bytes';
    this.#unsent = this.#body.resume(offset);
    this.#send();
  }

  onAck(bytes: number): void {
    this.#body.acknowledge(bytes);
  }

  onInterrupt(isSent: boolean): void {
    if (this.#state === 'ended' && isSent) this.#sentBefore = 'end';
    else if (this.#state !== 'resuming' && this.#sentBefore === 'nothing') this.#sentBefore = 'bytes';
    this.#transition('interrupt');
  }

  repeatsAfter({ code }: TransferError): 'later' | 'never' {
    // The server has discarded the damaged bytes.
    if (code !== 'EBADMSG' || !this.isIdempotent() || !this.#body.repeatsAfterDamage()) return 'never';
    this.#transition('interrupt');
    return 'later';
  }

  onEnd(outcome: FrameOf<'result'> | TransferError): void {
    if (outcome instanceof TransferError) this.#fail(outcome);
    else this.#attempt(() => this.#handleResult(outcome));
  }

  #handleResult(result: FrameOf<'result'>): void {
    const before = this.#state;
    this.#transition('result');
    this.#result = result;
    if (before === 'interrupted' && this.#sentBefore === 'bytes') throw earlyResult();
    if (before === 'resuming') {
      // An earlier call has stored the file. The bytes are compared all the same.
      if (result.bytes !== this.#plan.conditions.size) throw earlyResult();
      this.#setOffset(result.bytes ?? 0);
      this.#callWritten();
    }
    this.#endIfReady();
  }

  #send(): void {
    const pieces = this.#unsent;
    this.#unsent = [];
    this.#body.sendTo(this.#request.channel, pieces, (error) => {
      // An error of the channel also reaches onInterrupt or onEnd.
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

  /** Calls `onProgress`, then `next`. Deferred, so that the caller's code does not run while frames are processed. */
  #reportProgress(bytes: number, next?: () => void): void {
    const { onProgress, conditions } = this.#plan;
    if (!onProgress) return next?.();
    nextTick(() => {
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
    const onWritten = this.#onWritten;
    this.#onWritten = undefined;
    onWritten?.(error);
  }

  /** After the last byte: sends `end`, or compares the result if that has arrived. */
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
    assertSamePath(this.#path, result.path);
    const { append } = this.#plan.conditions;
    const stored = storedUpload(result, { check: this.#body.check, append });
    this.#transition('complete');
    this.#listener.onStored(stored);
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
    this.failure = error;
    this.#listener.onFailed(error);
    this.#callWritten(error);
  }

  /** Changes the state by the table. Returns whether it has changed. */
  #transition(event: UploadEvent): boolean {
    const before = this.#state;
    const next = nextUploadState(before, event);
    if (next === undefined) throw earlyResult();
    this.#state = next;
    return next !== before;
  }
}
