/**
 * An endpoint: a session as a Duplex of bytes. What is written to it came from the peer, what is read from it goes to
 * the peer, so that `pipeline(duplex, endpoint, duplex)` runs the protocol over anything.
 *
 * Back-pressure both ways: output is made only when it is read, and input waits while the peer does not take its answers.
 * Where a limit holds the output up, frames without a body go out all the same; of the input nobody knows what it is.
 */
import { Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import { LINGER_MS } from '../../protocol/limits.js';
import { Throttle, type RateLimit } from './throttle.js';
import { RequestBatcher } from './request-batcher.js';

/** Bytes of output that are made ahead of the reader: what a socket takes at once. */
const OUTPUT_BYTES = 256 * 1024;

/** Frames and pieces of payload after which a peer waits for its next turn: some hundred microseconds of work. */
const FRAMES_IN_TURN = 256;

/**
 * Requests after which those that wait behind them have to wait until these are answered: a socket gives all that has
 * come, chunk by chunk, before anything is said. Meanwhile the peer would have nothing to do.
 */
const REQUESTS_IN_TURN = 4;

const NOTHING = Buffer.alloc(0);

/** What an endpoint needs of its session. */
export interface EndpointSession {
  /** Set once: called whenever there is something to take, and when the last of it has been said. */
  transport: () => void;
  receive(chunk: Buffer): void;
  receiveEnd(): void;
  disconnect(error?: TransferError): void;
  read(enoughBytes: number, maxFrameBytes?: number): Uint8Array[];
  readonly finished: boolean;
  readonly failed: boolean;
  readonly congested: boolean;
  readonly activityCount: number;
  /** A number that rises with every request of the peer's, where it makes any. */
  readonly requestCount?: number;
}

/** How fast a connection may go. */
export interface RateLimits {
  /** Bytes that go to the peer. */
  readonly sending?: RateLimit | undefined;
  /** Bytes that come from the peer. */
  readonly receiving?: RateLimit | undefined;
}

export class Endpoint extends Duplex {
  readonly #session: EndpointSession;
  #reading = false;
  #flushing = false;
  #scheduled = false;
  #ended = false;
  #congested: (() => void) | undefined;
  /** What has come and must wait. */
  #held: (() => void) | undefined;
  #sending: Throttle | undefined;
  #receiving: Throttle | undefined;
  #bytesRead = 0;
  #bytesWritten = 0;
  #heldByReader: (() => number) | undefined;
  readonly #turn: RequestBatcher | undefined;

  constructor(session: EndpointSession) {
    super({ allowHalfOpen: true, readableHighWaterMark: OUTPUT_BYTES, writableHighWaterMark: OUTPUT_BYTES });
    this.#session = session;
    if (session.requestCount !== undefined) this.#turn = new RequestBatcher();
    session.transport = () => this.#schedule();
  }

  /** Bytes that came from the peer. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** A number that rises with everything that is understood of those. */
  get activityCount(): number {
    return this.#session.activityCount;
  }

  /** Bytes that went to the peer. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Bytes that have left for the system: their memory may be used again. Undefined where the reader does not say. */
  get bytesOut(): number | undefined {
    return this.#heldByReader && this.#bytesWritten - this.readableLength - this.#heldByReader();
  }

  /** The reader's word on how many of the bytes that it was given have not left for the system. */
  set heldByReader(bytes: () => number) {
    this.#heldByReader = bytes;
  }

  /** Whether a chunk that is written now is held by nobody after the call. */
  get takesAtOnce(): boolean {
    return this.writableLength === 0;
  }

  /** What holds up the bytes that go to the peer, if anything may. */
  get sending(): Throttle | undefined {
    return this.#sending;
  }

  /** What holds up the bytes that come from the peer, if anything may. */
  get receiving(): Throttle | undefined {
    return this.#receiving;
  }

  /** Lets it go no faster than that, besides the limits that it is under already. */
  limit({ sending, receiving }: RateLimits): void {
    if (sending) (this.#sending ??= new Throttle()).addLimit(sending);
    if (receiving) (this.#receiving ??= new Throttle()).addLimit(receiving);
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Whoever has written it may change it after the call.
    if (this.#receiving) this.#receivePaced(this.#receiving, Buffer.from(chunk), done);
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
    // A reader may ask while it is given something; what is being given comes first.
    if (!this.#flushing) this.#flush();
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#congested = this.#held = undefined;
    this.#sending?.stop();
    this.#receiving?.stop();
    this.#session.disconnect(error === null ? undefined : TransferError.from(error));
    done(error);
  }

  /** Takes a chunk in, in turns of some requests each; what these ask for and needs no waiting is answered in between. */
  #receive(chunk: Buffer, done: () => void, isOwn = false): void {
    const session = this.#session;
    const bytes = Math.min(chunk.length, this.#turn?.bytes ?? Infinity);
    const { activityCount, requestCount = 0 } = session;
    this.#bytesRead += bytes;
    session.receive(bytes < chunk.length ? chunk.subarray(0, bytes) : chunk);
    const requests = (session.requestCount ?? 0) - requestCount;
    this.#turn?.onBatch(requests, bytes);
    const rest = bytes < chunk.length ? chunk.subarray(bytes) : NOTHING;
    // Small frames cost far more than their bytes, and a socket gives many chunks at once: others come in between.
    const isEnough =
      session.activityCount - activityCount > FRAMES_IN_TURN ||
      requests >= REQUESTS_IN_TURN ||
      (rest.length > 0 && requests > 0);
    if (session.congested || isEnough)
      this.#receiveLater(isOwn ? rest : Buffer.from(rest), done, requests > 0);
    else if (rest.length > 0) this.#receive(rest, done, isOwn);
    else done();
  }

  /** Goes on with bytes that nobody changes any more. */
  #receiveLater(rest: Buffer, done: () => void, wasAsked: boolean): void {
    const next = rest.length > 0 ? () => this.#receive(rest, done, true) : done;
    if (this.#session.congested) this.#congested = next;
    else this.#inNextTurn(next, wasAsked);
  }

  #inNextTurn(next: () => void, wasAsked: boolean): void {
    setImmediate(() => {
      if (this.destroyed) return;
      this.#flush();
      const taken = this.#bytesRead;
      next();
      // Where a limit holds one direction up, what is at hand says nothing of the peer.
      const isHeld = this.#receiving?.isThrottled === true || this.#sending?.isThrottled === true;
      if (this.#turn && wasAsked && !isHeld) this.#observe(this.#turn, taken);
    });
  }

  /** Tells a turn whether there was more to take in at once, or when the system was asked once more. */
  #observe(turn: RequestBatcher, taken: number): void {
    if (this.#bytesRead > taken) turn.onAnswered(true);
    else setImmediate(() => turn.onAnswered(this.#bytesRead > taken));
  }

  /** Takes it in piece by piece. Nothing waits behind the last of them: the end may follow at once. */
  #receivePaced(pace: Throttle, chunk: Buffer, done: () => void): void {
    let rest = chunk;
    const next = (): void => {
      if (rest.length === 0) return done();
      if (pace.isThrottled && !this.#ended) {
        this.#held = next;
        pace.onReady(() => this.#release());
        return;
      }
      const piece = rest.subarray(0, this.#ended ? rest.length : pace.pieceBytes);
      rest = rest.subarray(piece.length);
      pace.consume(piece.length);
      this.#receive(piece, next, true);
    };
    next();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  /** Gathers all that is said in one turn of the event loop into one write. */
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
        const pieces = this.#sending ? this.#takePaced(this.#sending) : this.#session.read(OUTPUT_BYTES);
        if (pieces.length === 0) break;
        for (const piece of pieces) this.#give(piece);
      }
    } finally {
      this.#flushing = false;
    }
    this.#relieve();
    if (!this.#ended && this.#session.finished) this.#end();
  }

  #takePaced(pace: Throttle): Uint8Array[] {
    if (pace.isThrottled) {
      pace.onReady(() => this.#flush());
      return this.#session.read(0);
    }
    const { pieceBytes } = pace;
    const pieces = this.#session.read(pieceBytes, pieceBytes);
    pace.consume(pieces.reduce((bytes, { length }) => bytes + length, 0));
    return pieces;
  }

  #give(piece: Uint8Array): void {
    this.#bytesWritten += piece.length;
    this.#reading = false;
    const more = this.push(piece);
    this.#reading ||= more;
  }

  /** After an error as the last word the peer may end its side, too; what it still says is thrown away. */
  #end(): void {
    this.#ended = true;
    this.push(null);
    // What is thrown away is not paid for.
    this.#release();
    if (!this.#session.failed) return;
    this.once('end', () => {
      const linger = setTimeout(() => this.destroy(), LINGER_MS);
      this.once('close', () => clearTimeout(linger));
    });
  }

  #relieve(): void {
    const done = this.#congested;
    if (!done || this.#session.congested) return;
    this.#congested = undefined;
    done();
  }
}
