/** One connection of a client: a session with its endpoint, and the stream that carries it, once there is one. */
import { Stream, type Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { TransferError } from '../errors.js';
import { attach, connectionError, onClosed } from '../session/attach.js';
import { ClientSession } from '../session/client-session.js';
import { Endpoint } from '../session/endpoint.js';
import { keepAlive } from '../session/heartbeat.js';
import type { Connect } from './connect.js';
import { Deferred } from './deferred.js';
import { requirePrivate } from './private-connection.js';
import { secured } from './secured.js';
import { readerOf } from './socket-reader.js';
import type { ClientSettings } from './options.js';

/** What the owner of a connection is told. */
export interface ClientConnectionListener {
  /** The server has said welcome. */
  opened(): void;
  /** It carries nothing any more, and all requests on it have been told; with an error unless both sides had finished. */
  ended(error: TransferError | undefined): void;
  /** The connection is closed; with an error unless both sides had finished. */
  closed(error: TransferError | undefined): void;
}

export class ClientConnection {
  readonly session: ClientSession;
  readonly endpoint: Endpoint;
  /** Resolves with the server's welcome; rejects if the connection ends before. */
  readonly opened: Promise<void>;
  readonly #stallMs: number;
  readonly #secret: boolean;
  readonly #answerMs: number;
  readonly #losses = new Set<(error: TransferError) => void>();
  #cancelled: { channel: unknown; since: number } | undefined;
  #duplex: Duplex | undefined;

  constructor(settings: ClientSettings, listener: ClientConnectionListener) {
    const opened = new Deferred<void>();
    this.opened = opened.promise;
    let outcome: TransferError | undefined;
    this.session = new ClientSession(settings.codec, settings.session, {
      opened: () => {
        clearTimeout(timer);
        setHeartbeat(this.session.silence.heartbeat(settings.heartbeat));
        opened.resolve();
        listener.opened();
      },
      ended: (error) => {
        clearTimeout(timer);
        outcome = error;
        opened.reject(
          () => error ?? new TransferError('ESHUTDOWN', 'The client was closed before it was connected.'),
        );
        // Where both sides had finished, everything was answered.
        if (error) for (const lost of [...this.#losses]) lost(error);
        listener.ended(error);
      },
    });
    this.endpoint = new Endpoint(this.session);
    this.endpoint.on('error', () => undefined);
    onClosed(
      this.endpoint,
      () => this.#duplex,
      () => listener.closed(outcome),
    );
    this.#stallMs = settings.stallMs;
    this.#secret = settings.secret;
    this.#answerMs = settings.answerMs;
    const timer = setTimeout(() => this.endpoint.destroy(timedOut(settings.connectMs)), settings.connectMs);
    const setHeartbeat = keepAlive(this.endpoint, () => this.session.ping(), settings.heartbeat);
  }

  /** Calls back when it carries nothing any more, before its owner is told. Returns what ends the listening. */
  onLost(lost: (error: TransferError) => void): () => void {
    this.#losses.add(lost);
    return () => this.#losses.delete(lost);
  }

  /** Ends it if the server does not end what was cancelled: it would run out of channels. */
  watch(nowMs: number): void {
    const channel = this.session.longestCancelled;
    if (channel === undefined || channel !== this.#cancelled?.channel) {
      this.#cancelled = { channel, since: nowMs };
    } else if (nowMs - this.#cancelled.since >= this.#answerMs) {
      const reason = `The server has not ended a cancelled request for ${this.#answerMs} ms.`;
      this.destroy(new TransferError('ETIMEDOUT', reason));
    }
  }

  /** Lets what runs end, and then ends. One that nobody has joined with anything has nothing to wait for. */
  close(): void {
    this.session.drain();
    if (this.session.over && this.endpoint.readableFlowing === null) this.endpoint.destroy();
  }

  /** Ends it now. */
  destroy(error: TransferError): void {
    this.endpoint.destroy(error);
    this.#duplex?.destroy();
  }

  #attach(duplex: Duplex): void {
    this.#duplex = duplex;
    attach(duplex, this.endpoint, { stallMs: this.#stallMs, reader: readerOf(duplex) });
  }

  /** Carries the session over what `connect` makes. */
  async carry(connect: Connect): Promise<void> {
    try {
      // Later, so that who waits for this connection is told why there is none.
      const duplex: unknown = await Promise.resolve().then(connect);
      if (!isDuplex(duplex)) throw new TypeError('connect must give a Duplex');
      // Whoever is there learns nothing, no name and no secret, before the certificate has been found right.
      if (duplex instanceof TLSSocket && duplex.connecting) await secured(duplex, this.endpoint);
      else if (this.#secret) await requirePrivate(duplex, this.endpoint);
      if (this.endpoint.destroyed) discard(duplex);
      else this.#attach(duplex);
    } catch (thrown) {
      this.endpoint.destroy(connectionError(thrown));
    }
  }
}

function isDuplex(given: unknown): given is Duplex {
  return given instanceof Stream && 'write' in given && 'read' in given;
}

function discard(duplex: Duplex): void {
  duplex.on('error', () => undefined);
  duplex.destroy();
}

function timedOut(connectMs: number): TransferError {
  return new TransferError('ETIMEDOUT', `The server has not said welcome within ${connectMs} ms.`);
}
