/**
 * Transport: connects an endpoint with a socket or another Duplex of bytes. Unlike `pipeline(duplex, endpoint, duplex)`,
 * it sends all writes of one turn of the event loop at once, handles errors of both sides, and waits for the last bytes
 * to arrive before it closes the connection.
 *
 *     hold(duplex) -> handshake -> attach(duplex) -> bytes in both directions -> both closed -> onClose
 */
import { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
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
      this.#receive(duplex, reader);
      const writeTimeout = new WriteTimeout(duplex, () => endpoint.bytesWritten, this.#stallMs);
      forward(endpoint, duplex, { reader: dataReader(endpoint), write: corkedWriter(duplex, writeTimeout) });
      closeTogether(duplex, endpoint);
      // Other streams do not tell whether they keep chunks that they have processed.
      if (duplex instanceof Socket) endpoint.unflushedBytes = () => duplex.writableLength;
    }
  }

  /** Destroys endpoint and duplex. */
  destroy(error?: TransferError): void {
    this.#endpoint.destroy(error);
    this.#duplex?.destroy();
  }

  #receive(duplex: Duplex, reader: Reader | undefined): void {
    const endpoint = this.#endpoint;
    // A chunk of the size of the high-water mark makes `write` return false even if it was consumed at once.
    const write: Receive = (chunk) => endpoint.write(chunk) || endpoint.writableLength === 0;
    const writeLent: Receive = (chunk) => write(endpoint.consumesSynchronously ? chunk : Buffer.from(chunk));
    if (reader) forward(duplex, endpoint, { reader, write: writeLent });
    else forward(duplex, endpoint, { reader: dataReader(duplex), write });
  }
}

function forward(from: Duplex, to: Duplex, { reader, write }: { reader: Reader; write: Receive }): void {
  reader.readTo((chunk) => !to.writable || write(chunk));
  if (from.readableEnded) to.end();
  else from.on('end', () => to.end());
  to.on('drain', () => from.resume());
}

/** Reads a duplex by its 'data' events. */
function dataReader(duplex: Duplex): Reader {
  const readTo = (receive: Receive): void => {
    duplex.on('data', (chunk: unknown) => {
      if (!(chunk instanceof Uint8Array))
        duplex.destroy(new TypeError('A connection must be a Duplex of bytes, not of strings or objects.'));
      else if (!receive(chunk)) duplex.pause();
    });
  };
  return { readTo };
}

/** Combines all writes of one turn of the event loop. */
function corkedWriter(to: Writable, writeTimeout: WriteTimeout): Receive {
  let corked = false;
  const uncork = (): void => {
    corked = false;
    to.uncork();
    writeTimeout.watch();
  };
  return (chunk) => {
    if (!corked) {
      corked = true;
      to.cork();
      nextTick(uncork);
    }
    return to.write(chunk);
  };
}

function closeTogether(duplex: Duplex, endpoint: Endpoint): void {
  let linger: Deadline | undefined;
  duplex.on('finish', () => {
    if (duplex.readableEnded) duplex.destroy();
    // Closing now could reset the connection before the peer has read the last bytes.
    else linger = new Deadline(LINGER_MS, () => duplex.destroy());
  });
  duplex.on('end', () => {
    if (duplex.writableFinished) duplex.destroy();
  });
  duplex.on('close', () => {
    linger?.stop();
    endpoint.destroy();
  });
}
