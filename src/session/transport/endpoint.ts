/**
 * An endpoint: a session as a Duplex of bytes, so that `pipeline(duplex, endpoint, duplex)` runs the protocol.
 *
 *     write(bytes from the peer) -> #receive -> session.receive()
 *     read(bytes to the peer)    <- #flush   <- session.read()
 *
 * Output is created only when it is read, and input waits while the session is congested. While a rate limit throttles
 * the output, frames without a body are still sent. Throttled input waits as a whole, because it is not decoded yet.
 */
import { Duplex } from 'node:stream';
import { setImmediate } from '../../clock.js';
import type { TransferError } from '../../errors.js';
import { LINGER_MS } from '../../protocol/limits.js';
import { Deadline } from '../timers/deadline.js';
import { connectionError } from './connection-error.js';
import { RequestBatcher } from './request-batcher.js';
import { Throttle, type RateLimit } from './throttle.js';

/** Output that is created ahead of the reader, in bytes: as much as a socket accepts at once. */
const OUTPUT_BYTES = 256 * 1024;

/** Frames and payload chunks after which other connections get their turn: some hundred microseconds of work. */
const FRAMES_PER_TURN = 256;

/** Requests after which their answers are sent before more input is decoded, so that the peer has work meanwhile. */
const REQUESTS_PER_TURN = 4;

const NOTHING = Buffer.alloc(0);

/** The session, as an endpoint uses it. */
export interface EndpointSession {
  /** Set once: called when there is output to read, and when the session ends. */
  onOutput: () => void;
  receive(chunk: Buffer): void;
  receiveEnd(): void;
  disconnect(error?: TransferError): void;
  read(enoughBytes: number, maxFrameBytes?: number): Uint8Array[];
  readonly finished: boolean;
  readonly failed: boolean;
  readonly congested: boolean;
  readonly activityCount: number;
  /** The UDP path of the connection, if it has or had one. */
  readonly path?: { readonly bytesReceived: number; readonly bytesSent: number } | undefined;
  /** Number of requests received so far; undefined for a client. */
  readonly requestCount?: number;
}

/** The rate limits of a connection, by direction. */
export interface RateLimits {
  readonly sending?: RateLimit | undefined;
  readonly receiving?: RateLimit | undefined;
}

export class Endpoint extends Duplex {
  /** Bytes received from the peer. */
  bytesRead = 0;
  /** Bytes sent to the peer. */
  bytesWritten = 0;
  /** The throttles, if the connection has rate limits. */
  sending: Throttle | undefined;
  receiving: Throttle | undefined;
  /** Returns how many bytes the reader of this endpoint has not written to the system yet. Set by the reader. */
  unflushedBytes: (() => number) | undefined;
  readonly #session: EndpointSession;
  readonly #batcher: RequestBatcher | undefined;
  #reading = false;
  #flushing = false;
  #scheduled = false;
  #ended = false;
  /** Continue with the input when the session is no longer congested, or no longer throttled. */
  #congestedInput: (() => void) | undefined;
  #throttledInput: (() => void) | undefined;
  /** What a throttle calls. Created with the first wait: most connections have no rate limit. */
  #onInputReady: (() => void) | undefined;
  #onOutputReady: (() => void) | undefined;

  constructor(session: EndpointSession) {
    super({ allowHalfOpen: true, readableHighWaterMark: OUTPUT_BYTES, writableHighWaterMark: OUTPUT_BYTES });
    this.#session = session;
    if (session.requestCount !== undefined) this.#batcher = new RequestBatcher();
    session.onOutput = () => this.#schedule();
  }

  /** Number of frames and payload chunks decoded so far. */
  get activityCount(): number {
    return this.#session.activityCount;
  }

  /** Bytes of bodies received over UDP. */
  get udpBytesRead(): number {
    return this.#session.path?.bytesReceived ?? 0;
  }

  /** Bytes of bodies sent over UDP, each byte once. */
  get udpBytesWritten(): number {
    return this.#session.path?.bytesSent ?? 0;
  }

  /** Bytes that were written to the system: their buffers can be reused. Undefined if the reader does not tell. */
  get bytesFlushed(): number | undefined {
    return this.unflushedBytes && this.bytesWritten - this.readableLength - this.unflushedBytes();
  }

  /** Whether the memory of a chunk that is written now can be reused after the call. */
  get consumesSynchronously(): boolean {
    return this.writableLength === 0;
  }

  /** Adds rate limits. */
  limit({ sending, receiving }: RateLimits): void {
    if (sending) (this.sending ??= new Throttle()).addLimit(sending);
    if (receiving) (this.receiving ??= new Throttle()).addLimit(receiving);
  }

  /** Whether waiting for a rate limit keeps the process alive. Default: no. */
  setRef(isRef: boolean): void {
    this.sending?.setRef(isRef);
    this.receiving?.setRef(isRef);
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // The writer may reuse the chunk after the call, so input that waits is copied.
    if (this.receiving) this.#receiveThrottled(this.receiving, Buffer.from(chunk), done);
    else this.#receive(chunk, done);
  }

  /** @internal */
  override _final(done: () => void): void {
    this.#session.receiveEnd();
    done();
  }

  /** @internal */
  override _read(): void {
    this.#reading = true;
    // A reader may call `read` while it receives a chunk; the running flush continues then.
    if (!this.#flushing) this.#flush();
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#congestedInput = this.#throttledInput = undefined;
    this.sending?.stop();
    this.receiving?.stop();
    this.#session.disconnect(error === null ? undefined : connectionError(error));
    done(error);
  }

  /** Decodes a chunk in batches of some requests. Answers that are ready are sent in between. */
  #receive(chunk: Buffer, done: () => void, isOwn = false): void {
    const session = this.#session;
    const bytes = Math.min(chunk.length, this.#batcher?.bytes ?? Infinity);
    const { activityCount, requestCount = 0 } = session;
    this.bytesRead += bytes;
    session.receive(bytes < chunk.length ? chunk.subarray(0, bytes) : chunk);
    const requests = (session.requestCount ?? 0) - requestCount;
    this.#batcher?.onBatch(requests, bytes);
    const rest = bytes < chunk.length ? chunk.subarray(bytes) : NOTHING;
    const isTurnOver =
      session.activityCount - activityCount > FRAMES_PER_TURN ||
      requests >= REQUESTS_PER_TURN ||
      (rest.length > 0 && requests > 0);
    if (session.congested || isTurnOver)
      this.#receiveLater(isOwn ? rest : Buffer.from(rest), done, requests > 0);
    else if (rest.length > 0) this.#receive(rest, done, isOwn);
    else done();
  }

  #receiveLater(rest: Buffer, done: () => void, hadRequests: boolean): void {
    const next = rest.length > 0 ? () => this.#receive(rest, done, true) : done;
    if (this.#session.congested) this.#congestedInput = next;
    else this.#receiveNextTurn(next, hadRequests);
  }

  #receiveNextTurn(next: () => void, hadRequests: boolean): void {
    setImmediate(() => {
      if (this.destroyed) return;
      this.#flush();
      const { bytesRead } = this;
      next();
      // Under a rate limit, missing input says nothing about the peer.
      const isThrottled = this.receiving?.isThrottled === true || this.sending?.isThrottled === true;
      if (this.#batcher && hadRequests && !isThrottled) this.#observeNextBatch(this.#batcher, bytesRead);
    });
  }

  /** Tells the batcher whether the next batch has arrived, at once or with the next poll for I/O. */
  #observeNextBatch(batcher: RequestBatcher, bytesRead: number): void {
    if (this.bytesRead > bytesRead) batcher.onAnswered(true);
    else setImmediate(() => batcher.onAnswered(this.bytesRead > bytesRead));
  }

  /** Decodes a chunk in pieces. `done` follows the last piece at once, because the end of the input may follow it. */
  #receiveThrottled(throttle: Throttle, chunk: Buffer, done: () => void): void {
    let rest = chunk;
    const next = (): void => {
      if (rest.length === 0) return done();
      if (throttle.isThrottled && !this.#ended) {
        this.#throttledInput = next;
        throttle.onReady((this.#onInputReady ??= () => this.#resumeThrottled()));
        return;
      }
      const piece = rest.subarray(0, this.#ended ? rest.length : throttle.pieceBytes);
      rest = rest.subarray(piece.length);
      throttle.consume(piece.length);
      this.#receive(piece, next, true);
    };
    next();
  }

  #resumeThrottled(): void {
    const next = this.#throttledInput;
    this.#throttledInput = undefined;
    next?.();
  }

  /** Flushes once per turn of the event loop, so that its output becomes one write. */
  #schedule(): void {
    if (this.#scheduled || !this.#reading) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#flushing = true;
    try {
      while (this.#reading && !this.#ended) {
        const chunks = this.sending ? this.#readThrottled(this.sending) : this.#session.read(OUTPUT_BYTES);
        if (chunks.length === 0) break;
        for (const chunk of chunks) this.#push(chunk);
      }
    } finally {
      this.#flushing = false;
    }
    this.#resumeCongested();
    if (!this.#ended && this.#session.finished) this.#end();
  }

  #readThrottled(throttle: Throttle): Uint8Array[] {
    if (throttle.isThrottled) {
      throttle.onReady((this.#onOutputReady ??= () => this.#flush()));
      return this.#session.read(0);
    }
    const { pieceBytes } = throttle;
    const chunks = this.#session.read(pieceBytes, pieceBytes);
    throttle.consume(chunks.reduce((bytes, { length }) => bytes + length, 0));
    return chunks;
  }

  #push(chunk: Uint8Array): void {
    this.bytesWritten += chunk.length;
    this.#reading = false;
    const wantsMore = this.push(chunk);
    this.#reading ||= wantsMore;
  }

  /** Ends the output. After an error the peer may still end its side; its input is ignored. */
  #end(): void {
    this.#ended = true;
    this.push(null);
    // Ignored input is not throttled.
    this.#resumeThrottled();
    if (!this.#session.failed) return;
    this.once('end', () => {
      const linger = new Deadline(LINGER_MS, () => this.destroy());
      this.once('close', () => linger.stop());
    });
  }

  #resumeCongested(): void {
    const next = this.#congestedInput;
    if (!next || this.#session.congested) return;
    this.#congestedInput = undefined;
    next();
  }
}
