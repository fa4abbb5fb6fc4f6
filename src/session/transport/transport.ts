/**
 * Transport: carries an endpoint over a socket, or any other Duplex of bytes. It differs from
 * `pipeline(duplex, endpoint, duplex)` in what a socket needs: what is written in one turn goes out as one system call,
 * an error on either side is no uncaught exception, and the last bytes are given time to arrive before the connection
 * is closed.
 *
 *     hold(duplex) -> handshake -> attach(duplex) -> bytes in both directions -> both closed -> onClose
 */
import { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import { TransferError } from '../../errors.js';
import { LINGER_MS } from '../../protocol/limits.js';
import type { Endpoint } from './endpoint.js';
import { WriteTimeout } from './write-timeout.js';
import { connectionError } from './connection-error.js';

/** Takes a chunk in; false if nothing more should come until the duplex is resumed. */
export type Receive = (chunk: Uint8Array) => boolean;

/** Who reads a duplex in the place of its 'data' events. */
export interface Reader {
  /**
   * Hands over what has come and what comes, each chunk for as long as the call lasts; to be called once. Pauses the
   * duplex where `receive` says false.
   */
  readTo(receive: Receive): void;
}

export interface TransportOptions {
  /** Milliseconds after which a peer that takes no bytes is disconnected. */
  readonly stallMs: number;
  /** Called once when the endpoint and its duplex, if it has one, are both closed. */
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
      // An endpoint that has ended in good order has left its last bytes in the duplex.
      if (this.isHandshaking || !endpoint.readableEnded) duplex?.destroy();
    });
  }

  /** Whether the duplex is held, but not attached yet: nothing can be sent. */
  get isHandshaking(): boolean {
    return this.#duplex !== undefined && !this.#isAttached;
  }

  /** Keeps a duplex whose handshake is under way: it is destroyed with the endpoint. */
  hold(duplex: Duplex): void {
    this.#duplex = duplex;
    // Whoever waits for the handshake is told of it, too.
    duplex.on('error', () => undefined);
    if (this.#endpoint.destroyed) duplex.destroy();
  }

  /**
   * Joins the endpoint with a duplex, which is read by its 'data' events unless a reader is named. The duplex is
   * destroyed when the endpoint is over, and the endpoint when the duplex is, or when it has taken nothing for `stallMs`.
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
      // Or it would end our side, too, when the peer has ended its own and waits for the answers.
      duplex.allowHalfOpen = true;
      this.#receive(duplex, reader);
      const stall = new WriteTimeout(duplex, () => endpoint.bytesWritten, this.#stallMs);
      forward(endpoint, duplex, { reader: dataOf(endpoint), write: corkedWriter(duplex, stall) });
      closeTogether(duplex, endpoint);
      // Of what another stream is done with nobody knows whether it keeps it.
      if (duplex instanceof Socket) endpoint.heldByReader = () => duplex.writableLength;
    }
  }

  /** Closes both now. */
  destroy(error?: TransferError): void {
    this.#endpoint.destroy(error);
    this.#duplex?.destroy();
  }

  #receive(duplex: Duplex, reader: Reader | undefined): void {
    const endpoint = this.#endpoint;
    // A chunk as large as the endpoint's mark is too much only where it has not been taken in at once.
    const write: Receive = (chunk) => endpoint.write(chunk) || endpoint.writableLength === 0;
    const writeLent: Receive = (chunk) => write(endpoint.takesAtOnce ? chunk : Buffer.from(chunk));
    if (reader) forward(duplex, endpoint, { reader, write: writeLent });
    else forward(duplex, endpoint, { reader: dataOf(duplex), write });
  }
}

function forward(from: Duplex, to: Duplex, { reader, write }: { reader: Reader; write: Receive }): void {
  reader.readTo((chunk) => !to.writable || write(chunk));
  if (from.readableEnded) to.end();
  else from.on('end', () => to.end());
  to.on('drain', () => from.resume());
}

/** Reads a duplex by its 'data' events. */
function dataOf(duplex: Duplex): Reader {
  const readTo = (receive: Receive): void => {
    duplex.on('data', (chunk: unknown) => {
      if (!(chunk instanceof Uint8Array))
        duplex.destroy(new TypeError('A connection must be a Duplex of bytes.'));
      else if (!receive(chunk)) duplex.pause();
    });
  };
  return { readTo };
}

/** A write that joins all writes of one turn of the event loop into one. */
function corkedWriter(to: Writable, stall: WriteTimeout): Receive {
  let corked = false;
  const uncork = (): void => {
    corked = false;
    to.uncork();
    stall.watch();
  };
  return (chunk) => {
    if (!corked) {
      corked = true;
      to.cork();
      process.nextTick(uncork);
    }
    return to.write(chunk);
  };
}

function closeTogether(duplex: Duplex, endpoint: Endpoint): void {
  let linger: NodeJS.Timeout | undefined;
  duplex.on('finish', () => {
    if (duplex.readableEnded) duplex.destroy();
    // Closing at once would reset the connection under our last word, so the peer may end its side first.
    else linger = setTimeout(() => duplex.destroy(), LINGER_MS);
  });
  duplex.on('end', () => {
    if (duplex.writableFinished) duplex.destroy();
  });
  duplex.on('close', () => {
    clearTimeout(linger);
    endpoint.destroy();
  });
}
