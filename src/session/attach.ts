/**
 * Joins a socket, or any other Duplex, with an endpoint. It differs from `pipeline(duplex, endpoint, duplex)` in what a
 * socket needs: what is written in one turn goes out as one system call, an error on either side is nobody's uncaught
 * exception, and the last word is given time to arrive before the connection is closed.
 */
import { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import { TransferError } from '../errors.js';
import { LINGER_MS } from '../protocol/limits.js';
import type { Endpoint } from './endpoint.js';
import { tlsError } from './tls-error.js';
import { StallOfWrites } from './write-stall.js';

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

/** How to join. */
export interface Joint {
  readonly stallMs: number;
  /** Who reads the duplex, if its 'data' events do not tell what comes. */
  readonly reader?: Reader | undefined;
}

/**
 * Joins the two; the duplex is destroyed when the endpoint is over, and the endpoint when the duplex is, or when it has
 * taken nothing for `stallMs`.
 */
export function attach(duplex: Duplex, endpoint: Endpoint, { stallMs, reader }: Joint): void {
  duplex.on('error', (error) => endpoint.destroy(connectionError(error)));
  endpoint.on('error', () => duplex.destroy());
  if (duplex.destroyed) {
    endpoint.destroy(new TransferError('ECONNRESET', 'The connection was closed before it could be used.'));
    return;
  }
  // Or it would end our side, too, when the peer has ended its own and waits for the answers.
  duplex.allowHalfOpen = true;
  // A chunk as large as the endpoint's mark is too much only where it has not been taken in at once.
  const write: Receive = (chunk) => endpoint.write(chunk) || endpoint.writableLength === 0;
  const writeLent: Receive = (chunk) => write(endpoint.takesAtOnce ? chunk : Buffer.from(chunk));
  if (reader) forward(duplex, endpoint, { reader, write: writeLent });
  else forward(duplex, endpoint, { reader: dataOf(duplex), write });
  const stall = new StallOfWrites(duplex, () => endpoint.bytesWritten, stallMs);
  forward(endpoint, duplex, { reader: dataOf(endpoint), write: corkedWriter(duplex, stall) });
  closeTogether(duplex, endpoint);
  // Of what another stream is done with nobody knows whether it keeps it.
  if (duplex instanceof Socket) endpoint.heldByReader = () => duplex.writableLength;
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
function corkedWriter(to: Writable, stall: StallOfWrites): Receive {
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
  endpoint.on('close', () => {
    // One that has ended in good order has left its last bytes in the duplex.
    if (!endpoint.readableEnded) duplex.destroy();
  });
}

/** What broke a connection, with what the system says of it: here it is nobody's secret, and names host and port. */
export function connectionError(thrown: unknown): TransferError {
  if (thrown instanceof TransferError || !(thrown instanceof Error)) return TransferError.from(thrown);
  const ofTls = tlsError(thrown);
  if (ofTls) return ofTls;
  const { code, retryable } = TransferError.from(thrown);
  return new TransferError(code, `The connection failed: ${thrown.message}.`, { retryable, cause: thrown });
}

/** Calls back when an endpoint, and the duplex that it was joined with, if any, are both closed. */
export function onClosed(endpoint: Endpoint, duplex: () => Duplex | undefined, closed: () => void): void {
  endpoint.on('close', () => {
    const joined = duplex();
    if (!joined || joined.closed) closed();
    else joined.once('close', closed);
  });
}
