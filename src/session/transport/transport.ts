/**
 * Transport: connects an endpoint with a socket or another Duplex of bytes. Unlike `pipeline(duplex, endpoint, duplex)`,
 * it sends all writes of one turn of the event loop at once, handles errors of both sides, and waits for the last bytes
 * to arrive before it closes the connection.
 *
 *     hold(duplex) -> handshake -> attach(duplex) -> bytes in both directions -> both closed -> onClose
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { nextTick } from '../../clock.js';
import { TransferError } from '../../errors.js';
import { LINGER_MS } from '../../protocol/limits.js';
import { Deadline } from '../timers/deadline.js';
import { connectionError } from './connection-error.js';
import type { Endpoint } from './endpoint.js';
import { WriteTimeout } from './write-timeout.js';

/** Receives a chunk. Returns false to pause the duplex. */
export type Receive = (chunk: Uint8Array) => boolean;

/** Reads a duplex instead of its 'data' events. */
export interface Reader {
  /** Passes received bytes to `receive`. A chunk is only valid during the call. To be called once. */
  readTo(receive: Receive): void;
}

export interface TransportOptions {
  /** Time in ms after which a peer that reads nothing is disconnected. */
  readonly stallMs: number;
  /** Called once, when the endpoint and the duplex, if any, are closed. */
  readonly onClose: () => void;
}

export class Transport {
  readonly #endpoint: Endpoint;
  readonly #stallMs: number;
  #duplex: Duplex | undefined;
  #isAttached = false;
  /** Whether the writes of this turn of the event loop wait in the duplex. */
  #isCorked = false;
  /** Created when the duplex buffers bytes for the first time: most connections are idle. */
  #writeTimeout: WriteTimeout | undefined;

  constructor(endpoint: Endpoint, { stallMs, onClose }: TransportOptions) {
    this.#endpoint = endpoint;
    this.#stallMs = stallMs;
    endpoint.on('error', () => this.#duplex?.destroy());
    endpoint.on('close', () => {
      const duplex = this.#duplex;
      if (!duplex || duplex.closed) onClose();
      else duplex.once('close', onClose);
      // After a regular end the duplex still sends the endpoint's last bytes.
      if (this.isHandshaking || !endpoint.readableEnded) duplex?.destroy();
    });
  }

  /** Whether a duplex is held and not attached yet. */
  get isHandshaking(): boolean {
    return this.#duplex !== undefined && !this.#isAttached;
  }

  /** Destroys the duplex with the endpoint while its handshake runs. */
  hold(duplex: Duplex): void {
    this.#duplex = duplex;
    // The code that runs the handshake handles the error.
    duplex.on('error', () => undefined);
    if (this.#endpoint.destroyed) duplex.destroy();
  }

  /**
   * Connects the endpoint with a duplex, which is read by its 'data' events or by `reader`. The duplex is destroyed when
   * the endpoint ends, the endpoint when the duplex closes, and both when the peer reads nothing for `stallMs`.
   */
  attach(duplex: Duplex, reader?: Reader): void {
    const endpoint = this.#endpoint;
    this.#duplex = duplex;
    this.#isAttached = true;
    duplex.on('error', (error) => endpoint.destroy(connectionError(error)));
    if (endpoint.destroyed) {
      duplex.destroy();
    } else if (duplex.destroyed) {
      endpoint.destroy(new TransferError('ECONNRESET', 'The connection was closed before it could be used.'));
    } else {
      // Otherwise the duplex ends our side when the peer has ended its own and waits for the answers.
      duplex.allowHalfOpen = true;
      this.#receiveFrom(duplex, reader);
      this.#sendTo(duplex);
      // Other streams do not tell whether they keep chunks that they have processed.
      if (duplex instanceof Socket) endpoint.unflushedBytes = () => duplex.writableLength;
    }
  }

  /** Destroys endpoint and duplex. */
  destroy(error?: TransferError): void {
    this.#endpoint.destroy(error);
    this.#duplex?.destroy();
  }

  // Few listeners, which share what they capture: an idle connection keeps all of them.

  #receiveFrom(duplex: Duplex, reader: Reader | undefined): void {
    const endpoint = this.#endpoint;
    if (reader) reader.readTo((chunk) => receive(endpoint, lentChunk(endpoint, chunk)));
    else duplex.on('data', (chunk: unknown) => receiveData(duplex, endpoint, chunk));
    endpoint.on('drain', () => duplex.resume());
    if (duplex.readableEnded) endpoint.end();
    duplex.on('end', () => {
      endpoint.end();
      if (duplex.writableFinished) duplex.destroy();
    });
  }

  #sendTo(duplex: Duplex): void {
    const endpoint = this.#endpoint;
    let linger: Deadline | undefined;
    const uncork = (): void => this.#uncork(duplex);
    endpoint.on('data', (chunk: Uint8Array) => {
      if (duplex.writable && !this.#write(duplex, chunk, uncork)) endpoint.pause();
    });
    duplex.on('drain', () => endpoint.resume());
    if (endpoint.readableEnded) duplex.end();
    else endpoint.on('end', () => duplex.end());
    duplex.on('finish', () => {
      if (duplex.readableEnded) duplex.destroy();
      // Closing now could reset the connection before the peer has read the last bytes.
      else linger = new Deadline(LINGER_MS, () => duplex.destroy());
    });
    duplex.on('close', () => {
      linger?.stop();
      endpoint.destroy();
    });
  }

  /** Combines all writes of one turn of the event loop. */
  #write(duplex: Duplex, chunk: Uint8Array, uncork: () => void): boolean {
    if (!this.#isCorked) {
      this.#isCorked = true;
      duplex.cork();
      nextTick(uncork);
    }
    return duplex.write(chunk);
  }

  #uncork(duplex: Duplex): void {
    this.#isCorked = false;
    duplex.uncork();
    if (duplex.writableLength === 0) return;
    this.#writeTimeout ??= new WriteTimeout(duplex, () => this.#endpoint.bytesWritten, this.#stallMs);
    this.#writeTimeout.watch();
  }
}

/** Returns false to pause the sender. */
function receive(endpoint: Endpoint, chunk: Uint8Array): boolean {
  // A chunk of the size of the high-water mark makes `write` return false even if it was consumed at once.
  return !endpoint.writable || endpoint.write(chunk) || endpoint.writableLength === 0;
}

function receiveData(duplex: Duplex, endpoint: Endpoint, chunk: unknown): void {
  if (!(chunk instanceof Uint8Array))
    duplex.destroy(new TypeError('A connection must be a Duplex of bytes, not of strings or objects.'));
  else if (!receive(endpoint, chunk)) duplex.pause();
}

/** A chunk that is only valid during the call, or its copy if the endpoint keeps it for longer. */
function lentChunk(endpoint: Endpoint, chunk: Uint8Array): Uint8Array {
  return endpoint.consumesSynchronously ? chunk : Buffer.from(chunk);
}
