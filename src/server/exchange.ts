/**
 * An exchange: one request being served, as an operation sees it. It turns a channel's callbacks into promises, keeps the
 * time while it is the client's turn, and makes sure that the channel ends with exactly one terminal frame.
 */
import { TransferError } from '../errors.js';
import type { FrameOf } from '../protocol/frames.js';
import type { AnswerFields, ServerChannel, ServerChannelListener } from '../session/server-channel.js';
import type { Place } from '../session/row.js';
import type { ReceiveShare } from './receive-budget.js';
import { TurnClock, type PaceRule } from './turn-clock.js';

interface Wait<Value> {
  resolve: (value: Value) => void;
  reject: (error: TransferError) => void;
}

/** Bytes that `receive` hands over at most: what has come while as much was written is one write more. */
const RECEIVE_BYTES = 512 * 1024;

/** What an exchange is made of, besides its channel. */
export interface ExchangeContext {
  /** Of what the client may send; undefined if it sends no body. */
  readonly share: ReceiveShare | undefined;
  /** Under which the upload can be gone on with, by nobody but who has begun it; undefined if it cannot. */
  readonly uploadId: string | undefined;
  /** Bytes that the client may send before they are stored, at the most. */
  readonly maxWindowBytes: number;
  readonly pace: PaceRule;
}

export class Exchange implements ServerChannelListener {
  /** What is asked. */
  readonly request: FrameOf<'open'>;
  readonly uploadId: string | undefined;
  /** Where it stands among the requests of its connection. */
  place: Place<Exchange> | undefined;
  readonly #channel: ServerChannel;
  readonly #share: ReceiveShare | undefined;
  readonly #maxWindowBytes: number;
  readonly #pace: PaceRule;
  /** Made when it is the client's turn for the first time. */
  #clock: TurnClock | undefined;
  #end: FrameOf<'end'> | undefined;
  #failure: TransferError | undefined;
  #inputEnded = false;
  #waiting: Wait<Buffer[] | undefined> | undefined;
  #onCancel: ((error: TransferError) => void) | undefined;
  #taken = 0;
  #beyondBytes = 0;
  /** What has interrupted it. */
  #interruptions: readonly unknown[] = [];
  #stopWaiting: ((error: TransferError) => void) | undefined;

  constructor(channel: ServerChannel, request: FrameOf<'open'>, context: ExchangeContext) {
    this.#channel = channel;
    this.request = request;
    this.uploadId = context.uploadId;
    this.#share = context.share;
    this.#maxWindowBytes = context.maxWindowBytes;
    this.#pace = context.pace;
    channel.listen(this);
  }

  // For the channel

  readable(): void {
    this.#settleReceive();
  }

  ended(frame: FrameOf<'end'>): void {
    this.#end = frame;
    this.#settleReceive();
  }

  inputEnded(): void {
    this.#inputEnded = true;
    this.#settleReceive();
  }

  cancelled(error: TransferError): void {
    // Where the channel is gone, nobody has asked for it.
    if (this.#channel.closed) this.interrupt(error);
    else this.cancel(error);
  }

  // For operations and their owner

  /** Called once if nobody waits for the answer any more. */
  set onCancel(cancelled: (error: TransferError) => void) {
    this.#onCancel = cancelled;
  }

  /** Bytes sent and received as body. */
  get bodyBytes(): number {
    return this.#channel.bytesSent + this.#channel.bytesReceived;
  }

  /** Says that the request is served. */
  accept(fields: AnswerFields<'accept'>): void {
    this.check();
    const share = this.#share;
    this.#channel.accept(fields, share && ((bytes) => share.widen(Math.min(bytes, this.#maxWindowBytes))));
  }

  /** Tells the client that it is being served, while there is nothing else to say. */
  sign(): void {
    this.#channel.sign();
  }

  /** Stops it as `cancel` does, but not because nobody wants it any more: what was done may be gone on with later. */
  interrupt(error: TransferError): void {
    if (!this.#failure) this.#interruptions = [...this.#interruptions, error];
    this.cancel(error);
  }

  /** Whether an error that was thrown here says that the request was interrupted, and is not the request's fault. */
  isInterruption(error: unknown): boolean {
    return this.#interruptions.includes(error);
  }

  /** Whether an error that was thrown here says that the client, or anybody else, has stopped the request. */
  isStop(error: unknown): boolean {
    return error !== undefined && error === this.#failure;
  }

  /** Waits for something else, which must not reject, no longer than for a byte of the client's. */
  waitFor(other: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#startClock();
      const settle = (settled: () => void): void => {
        if (this.#stopWaiting !== stop) return;
        this.#stopWaiting = undefined;
        this.#clock?.stop();
        settled();
      };
      const stop = (error: TransferError): void => settle(() => reject(error));
      this.#stopWaiting = stop;
      void other.then(() => settle(resolve));
    });
  }

  /** Throws if the request was cancelled. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Sends a piece of the body; resolves when it is on its way. It must not change any more. */
  send(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#startClock();
      this.#channel.send([chunk], (error) => {
        this.#clock?.stop();
        if (error) reject(this.#failure ?? error);
        else resolve();
      });
    });
  }

  /** As `send`, of the last piece: the result goes out right behind it. */
  sendLast(chunk: Uint8Array, fields: AnswerFields<'result'>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#startClock();
      this.#channel.send([chunk], (error) => {
        this.#clock?.stop();
        if (error) return reject(this.#failure ?? error);
        try {
          this.finish(fields);
          resolve();
        } catch (thrown) {
          reject(TransferError.from(thrown));
        }
      });
    });
  }

  /**
   * The pieces of the body that have come, in order; waits for more than so many bytes, or for the end of the body.
   * Undefined when the body is complete. To ask again says that the pieces before are stored, and with that allows the
   * client as many more.
   */
  receive(beyondBytes = 0): Promise<Buffer[] | undefined> {
    this.#beyondBytes = beyondBytes;
    if (this.#taken > 0) this.#channel.consumed(this.#taken);
    this.#taken = 0;
    const received = this.#nextReceived();
    if (received === 'complete') return Promise.resolve(undefined);
    if (received instanceof TransferError) return Promise.reject(received);
    return received ? Promise.resolve(received) : this.#nextToCome();
  }

  /** Whether `receive` has handed over all of the body: to ask for more would only take longer. */
  get isBodyTaken(): boolean {
    return this.#end !== undefined && !this.#failure && this.#channel.waitingBytes === 0;
  }

  /** What the client says about its body, once `receive` has said that it is complete. */
  get end(): FrameOf<'end'> {
    if (!this.#end) throw new TypeError('The body is not complete.');
    return this.#end;
  }

  /** Stops it: what it waits for rejects, and so does what it asks for next. */
  cancel(error: TransferError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#stopWaiting?.(error);
    this.#settleReceive();
    this.#channel.interrupt(error);
    this.#onCancel?.(error);
  }

  /** How many bytes the client may send before they are stored; at most so many. Throws EAGAIN where there is no room. */
  receiveWindow(askedBytes: number): number {
    if (!this.#share?.takeEarly()) throw overBudget();
    return this.#share.window(askedBytes);
  }

  /** It is over, and nothing that has come is kept any more. */
  release(): void {
    this.#clock?.end();
    this.#share?.release();
  }

  /** Ends it well, unless it has ended. */
  finish(fields: AnswerFields<'result'>): void {
    this.#channel.finish(fields);
  }

  /** Ends it with an error. That it is about the target is told; no other path of a storage's is. */
  fail(error: TransferError): void {
    this.#channel.fail(error, error.path === this.request.to ? error.path : undefined);
  }

  #startClock(): void {
    this.#clock ??= new TurnClock(
      this.#pace,
      () => this.bodyBytes,
      () => this.interrupt(new TransferError('ETIMEDOUT', 'The transfer makes too little progress.')),
    );
    this.#clock.start();
  }

  #nextToCome(): Promise<Buffer[] | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#startClock();
    });
  }

  #settleReceive(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    const outcome = this.#nextReceived();
    if (outcome === undefined) return;
    this.#waiting = undefined;
    this.#clock?.stop();
    if (outcome instanceof TransferError) waiting.reject(outcome);
    else waiting.resolve(outcome === 'complete' ? undefined : outcome);
  }

  #nextReceived(): Buffer[] | TransferError | 'complete' | undefined {
    if (this.#failure) return this.#failure;
    const waitingBytes = this.#channel.waitingBytes;
    if (waitingBytes > this.#beyondBytes || (waitingBytes > 0 && this.#end)) {
      const pieces = this.#channel.take(RECEIVE_BYTES);
      this.#taken = waitingBytes - this.#channel.waitingBytes;
      return pieces;
    }
    if (this.#end) return 'complete';
    if (!this.#inputEnded) return undefined;
    const error = new TransferError('ECONNRESET', 'The body ends before it is complete.');
    this.#interruptions = [...this.#interruptions, error];
    return error;
  }
}

/** What is said to a client whose bytes there is no room for. */
export function overBudget(): TransferError {
  return new TransferError('EAGAIN', 'The server receives as much as it may already.');
}
