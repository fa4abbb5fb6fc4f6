/**
 * What carries a connection: a stream that can be used at once, or one that has to pass a gate first. Until it has,
 * nothing can be said on it, and what ends the connection ends it without a word.
 */
import type { Duplex } from 'node:stream';
import { attach, type Reader } from '../session/attach.js';
import type { Endpoint } from '../session/endpoint.js';

export class Carrier {
  readonly #endpoint: Endpoint;
  readonly #stallMs: number;
  #duplex: Duplex | undefined;
  #isJoined = false;

  constructor(endpoint: Endpoint, stallMs: number) {
    this.#endpoint = endpoint;
    this.#stallMs = stallMs;
  }

  /** The stream, once there is one. */
  get duplex(): Duplex | undefined {
    return this.#duplex;
  }

  /** Whether the stream is still on its way through the gate. */
  get isBehindGate(): boolean {
    return this.#duplex !== undefined && !this.#isJoined;
  }

  /** Keeps a stream that is on its way through the gate: it ends with the endpoint. */
  hold(duplex: Duplex): void {
    this.#duplex = duplex;
    // What is wrong with it shows when it closes.
    duplex.on('error', () => undefined);
    this.#endpoint.once('close', () => {
      if (this.isBehindGate) duplex.destroy();
    });
  }

  /** Joins the endpoint with a stream that can be used, and is read by its 'data' events unless a reader is named. */
  join(duplex: Duplex, reader?: Reader): void {
    this.#duplex = duplex;
    this.#isJoined = true;
    if (this.#endpoint.destroyed) duplex.destroy();
    else attach(duplex, this.#endpoint, { stallMs: this.#stallMs, reader });
  }

  destroy(): void {
    this.#duplex?.destroy();
  }
}
