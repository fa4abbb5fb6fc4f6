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
}

/** What is told of an upload; `onStored` or `onFailed` is the last call, and neither comes after `cancel`. */
export interface UploadListener {
  /** The server has all bytes before this one. Called once, before any byte is sent. */
  onPlaced?(offset: number): void;
  /** The file is stored, and holds the bytes that were written. */
  onStored(upload: StoredUpload): void;
  onFailed(error: TransferError): void;
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
  #written: ((error?: TransferError) => void) | undefined;
  #isComplete = false;
  /** What the channels that were lost had been given. */
  #lost: 'nothing' | 'bytes' | 'end' = 'nothing';
  #result: FrameOf<'result'> | undefined;
  /** The etag that the file must have, if it is known. */
  #ifMatch: string | undefined;
  #failure: TransferError | undefined;

  constructor(requester: ClientContext, plan: UploadPlan, listener: UploadListener) {
    this.#plan = plan;
    this.#body = plan.body;
    this.#listener = listener;
    this.#state = plan.isOlder ? 'older' : 'new';
    this.#ifMatch = plan.conditions.ifMatch;
    this.#request = new Request(requester, this);
  }

  /** Whether the upload was stored, has failed or was cancelled. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** The error with which the upload has ended. */
  get failure(): TransferError | undefined {
    return this.#failure;
  }

  /** Whether bytes were given to more than one channel. */
  get wasCut(): boolean {
    return this.#lost !== 'nothing';
  }

  /** Asks the server. Throws a TypeError for an option that is wrong; what `parsePath` throws is told later. */
  start(options: CallOptions, parsePath: () => RemotePath): void {
    this.#request.start(options, () => (this.#path = parsePath()));
  }

  /** Sends the next bytes, and calls back when there is room for more, or with the error that ends the upload. */
  write(pieces: readonly Uint8Array[], written: (error?: TransferError) => void): void {
    for (const piece of pieces) this.#body.push(piece);
    this.#unsent = pieces;
    this.#written = written;
    if (this.#move('write')) this.#send();
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
    this.#advance();
  }

  /** Nobody wants the upload any more. */
  cancel(): void {
    this.#state = 'closed';
    this.#request.cancel();
  }

  // For the request

  isIdempotent(): boolean {
    const { id, conditions } = this.#plan;
    return id !== undefined && (!conditions.append || this.#state === 'older' || this.#ifMatch !== undefined);
  }

  fields(): RequestFields {
    const { conditions, id } = this.#plan;
    const ifMatch = this.#ifMatch;
    // Without the etag of its file, an append has sent nothing yet.
    const isFirst = this.#state === 'new' || (conditions.append && ifMatch === undefined);
    const offset = isFirst ? undefined : this.#body.from;
    const checksum = this.#body.check.algorithm;
    return {
      op: 'upload',
      path: pathField(this.#path),
      ...conditions,
      ifMatch,
      checksum,
      upload: id,
      offset,
    };
  }

  onStart(): void {
    if (!this.#move('begin')) return;
    this.#listener.onPlaced?.(0);
    this.#send();
  }

  onAccept(frame: FrameOf<'accept'>): void {
    assertSamePath(this.#path, frame.path);
    const before = this.#state;
    if (!this.#move('accept')) return;
    const { offset = 0, etag } = frame;
    if (this.#plan.conditions.append) this.#ifMatch ??= etag;
    if (before === 'older') this.#listener.onPlaced?.(offset);
    this.#unsent = this.#body.resume(offset);
    this.#send();
  }

  onAck(bytes: number): void {
    this.#body.acknowledge(bytes);
  }

  onInterrupt(isSent: boolean): void {
    // Without its `end` an upload is never stored.
    if (this.#state === 'ended' && isSent) this.#lost = 'end';
    else if (this.#state !== 'older' && this.#lost === 'nothing') this.#lost = 'bytes';
    this.#move('interrupt');
  }

  onEnd(outcome: FrameOf<'result'> | TransferError): void {
    if (!(outcome instanceof TransferError)) return this.#attempt(() => this.#answered(outcome));
    this.#fail(this.#lost === 'end' ? withOutcome(outcome, true) : outcome);
  }

  #answered(result: FrameOf<'result'>): void {
    const before = this.#state;
    this.#move('result');
    this.#result = result;
    if (before === 'cut' && this.#lost !== 'end') throw notComplete();
    if (before === 'older') {
      // An earlier process has stored it. The bytes are compared all the same.
      if (result.bytes !== this.#plan.conditions.size) throw notComplete();
      this.#listener.onPlaced?.(result.bytes ?? 0);
      this.#tellWritten();
    }
    this.#advance();
  }

  #send(): void {
    const pieces = this.#unsent;
    this.#unsent = [];
    this.#request.channel?.send(pieces, (error) => {
      // What became of the channel is told by other ways.
      if (!error && this.#state === 'sending') this.#sent();
    });
  }

  #sent(): void {
    // Written while bytes of a lost channel were sent again.
    if (this.#unsent.length > 0) return this.#send();
    this.#move('sent');
    this.#tellWritten();
    this.#advance();
  }

  #tellWritten(error?: TransferError): void {
    const written = this.#written;
    this.#written = undefined;
    written?.(error);
  }

  /** Does what follows the last byte, as soon as that is possible. */
  #advance(): void {
    const result = this.#result;
    if (!this.#isComplete) return;
    if (result) return this.#attempt(() => this.#complete(result));
    if (this.#state !== 'idle') return;
    this.#move('end');
    const { check } = this.#body;
    this.#request.channel?.end(check.bytes, check.digest());
  }

  #complete(result: FrameOf<'result'>): void {
    const { check } = this.#body;
    assertSamePath(this.#path, result.path);
    const entry = parseEntry(result);
    check.compare({ bytes: result.bytes, checksum: result.checksum });
    this.#move('complete');
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
    this.cancel();
    const error = TransferError.from(thrown, { operation: 'upload', path: this.#path });
    this.#failure = error;
    this.#listener.onFailed(error);
    this.#tellWritten(error);
  }

  /** Moves on by the table. Returns whether that is another state. */
  #move(event: UploadEvent): boolean {
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
