/** One connection of a client: a session with its endpoint, and the stream that carries it, once there is one. */
import { Stream, type Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { TransferError } from '../../errors.js';
import { ClientSession } from '../../session/client-session.js';
import { Endpoint } from '../../session/transport/endpoint.js';
import { KeepAlive } from '../../session/keep-alive/keep-alive.js';
import { connectionError } from '../../session/transport/connection-error.js';
import { Transport } from '../../session/transport/transport.js';
import type { Connect } from './connect.js';
import { Deferred } from './deferred.js';
import { assertPrivateTransport, waitForSecureConnect } from './secure-connect.js';
import { socketReader } from './socket-reader.js';
import type { ClientSettings } from '../options.js';

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
  readonly #settings: ClientSettings;
  readonly #listener: ClientConnectionListener;
  readonly #transport: Transport;
  readonly #keepAlive: KeepAlive;
  /** Made for the first who asks. */
  #losses: Set<(error: TransferError) => void> | undefined;
  #welcome: Deferred<void> | undefined;
  #isOpen = false;
  #outcome: TransferError | undefined;
  #cancelled: { channel: unknown; since: number } | undefined;

  constructor(settings: ClientSettings, listener: ClientConnectionListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.session = new ClientSession(settings.codec, settings.session, {
      onOpen: () => this.#opened(),
      onEnd: (error) => this.#ended(error),
    });
    this.endpoint = new Endpoint(this.session);
    const { connectMs, stallMs, keepAlive } = settings;
    this.#transport = new Transport(this.endpoint, {
      stallMs,
      onClose: () => listener.closed(this.#outcome),
    });
    this.#keepAlive = new KeepAlive(this.endpoint, this.session, {
      keepAlive,
      handshakeMs: connectMs,
      onHandshakeTimeout: () => this.endpoint.destroy(timedOut(connectMs)),
    });
  }

  /** Resolves with the server's welcome; rejects if the connection ends before. */
  get opened(): Promise<void> {
    this.#welcome ??= new Deferred();
    if (this.#isOpen) this.#welcome.resolve();
    else if (this.session.ended) this.#welcome.reject(() => notOpened(this.#outcome));
    return this.#welcome.promise;
  }

  /** Calls back when it carries nothing any more, before its owner is told. Returns what ends the listening. */
  onLost(lost: (error: TransferError) => void): () => void {
    const losses = (this.#losses ??= new Set());
    losses.add(lost);
    return () => losses.delete(lost);
  }

  /** Ends it if the server does not end what was cancelled: it would run out of channels. */
  watch(nowMs: number): void {
    const channel = this.session.oldestCancelled;
    if (channel === undefined || channel !== this.#cancelled?.channel) {
      this.#cancelled = { channel, since: nowMs };
    } else if (nowMs - this.#cancelled.since >= this.#settings.responseMs) {
      const reason = `The server has not ended a cancelled request for ${this.#settings.responseMs} ms.`;
      this.destroy(new TransferError('ETIMEDOUT', reason));
    }
  }

  /** Lets what runs end, and then ends. One that nobody has joined with anything has nothing to wait for. */
  close(): void {
    this.session.drain();
    if (this.session.ended && this.endpoint.readableFlowing === null) this.endpoint.destroy();
  }

  /** Ends it now. */
  destroy(error: TransferError): void {
    this.#transport.destroy(error);
  }

  #opened(): void {
    this.#keepAlive.onOpen();
    this.#isOpen = true;
    this.#welcome?.resolve();
    this.#listener.opened();
  }

  #ended(error: TransferError | undefined): void {
    this.#keepAlive.onEnd();
    this.#outcome = error;
    this.#welcome?.reject(() => notOpened(error));
    // Where both sides had finished, everything was answered.
    if (error) for (const lost of [...(this.#losses ?? [])]) lost(error);
    this.#listener.ended(error);
  }

  /** Carries the session over the Duplex that `connect` makes, as soon as that may be told anything. */
  async carry(connect: Connect): Promise<void> {
    try {
      // In a later turn: what fails at once is told to those who have begun to wait by then.
      const duplex: unknown = await Promise.resolve().then(connect);
      if (!isDuplex(duplex)) throw new TypeError('connect must give a Duplex');
      this.#transport.hold(duplex);
      // No name and no secret is sent before the certificate has been verified.
      if (duplex instanceof TLSSocket && duplex.connecting) await waitForSecureConnect(duplex);
      else if (this.#settings.secret) await assertPrivateTransport(duplex);
      this.#transport.attach(duplex, socketReader(duplex));
    } catch (thrown) {
      this.endpoint.destroy(connectionError(thrown));
    }
  }
}

function notOpened(error: TransferError | undefined): TransferError {
  return error ?? new TransferError('ESHUTDOWN', 'The client was closed before it was connected.');
}

function isDuplex(given: unknown): given is Duplex {
  return given instanceof Stream && 'write' in given && 'read' in given;
}

function timedOut(connectMs: number): TransferError {
  return new TransferError('ETIMEDOUT', `The server has not said welcome within ${connectMs} ms.`);
}
