/**
 * An endpoint: a session as a Duplex of bytes. What is written to it came from the peer, what is read from it goes to
 * the peer, so that `pipeline(duplex, endpoint, duplex)` runs the protocol over anything.
 *
 * Back-pressure both ways: output is made only when it is read, and input waits while the peer does not take its answers.
 */
import { Duplex } from 'node:stream';
import { TransferError } from '../errors.js';
import { LINGER_MS } from '../protocol/limits.js';

/** Bytes of output that are made ahead of the reader: what a socket takes at once. */
const OUTPUT_BYTES = 256 * 1024;

/** What an endpoint needs of its session. */
export interface EndpointSession {
  /** Set once: called whenever there is something to take, and when the last of it has been said. */
  transport: () => void;
  receive(chunk: Buffer): void;
  receiveEnd(): void;
  disconnect(error?: TransferError): void;
  take(enoughBytes: number): Uint8Array[];
  readonly finished: boolean;
  readonly failed: boolean;
  readonly congested: boolean;
  readonly heard: number;
}

export class Endpoint extends Duplex {
  readonly #session: EndpointSession;
  #reading = false;
  #flushing = false;
  #scheduled = false;
  #ended = false;
  #congested: (() => void) | undefined;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(session: EndpointSession) {
    super({ allowHalfOpen: true, readableHighWaterMark: OUTPUT_BYTES, writableHighWaterMark: OUTPUT_BYTES });
    this.#session = session;
    session.transport = () => this.#schedule();
  }

  /** Bytes that came from the peer. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** A number that rises with everything that is understood of those. */
  get heard(): number {
    return this.#session.heard;
  }

  /** Bytes that went to the peer. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#bytesRead += chunk.length;
    this.#session.receive(chunk);
    if (this.#session.congested) this.#congested = done;
    else done();
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
    this.#congested = undefined;
    this.#session.disconnect(error === null ? undefined : TransferError.from(error));
    done(error);
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
        const pieces = this.#session.take(OUTPUT_BYTES);
        if (pieces.length === 0) break;
        for (const piece of pieces) this.#give(piece);
      }
    } finally {
      this.#flushing = false;
    }
    this.#relieve();
    if (!this.#ended && this.#session.finished) this.#end();
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
