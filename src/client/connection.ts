/** One connection of a client: a session with its endpoint, and the stream that carries it, once there is one. */
import { Socket } from 'node:net';
import { Stream, type Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { TransferError } from '../errors.js';
import { attach, connectionError, onClosed } from '../session/attach.js';
import { ClientSession } from '../session/client-session.js';
import { Endpoint } from '../session/endpoint.js';
import { Heartbeat } from '../session/heartbeat.js';
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
  readonly #settings: ClientSettings;
  readonly #listener: ClientConnectionListener;
  readonly #heartbeat: Heartbeat;
  #timer: NodeJS.Timeout | undefined;
  /** Made for the first who asks. */
  #losses: Set<(error: TransferError) => void> | undefined;
  #welcome: Deferred<void> | undefined;
  #isOpen = false;
  #outcome: TransferError | undefined;
  #cancelled: { channel: unknown; since: number } | undefined;
  #duplex: Duplex | undefined;

  constructor(settings: ClientSettings, listener: ClientConnectionListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.session = new ClientSession(settings.codec, settings.session, {
      opened: () => this.#opened(),
      ended: (error) => this.#ended(error),
    });
    this.endpoint = new Endpoint(this.session);
    this.endpoint.on('error', () => undefined);
    onClosed(
      this.endpoint,
      () => this.#duplex,
      () => listener.closed(this.#outcome),
    );
    const { connectMs, heartbeat } = settings;
    this.#timer = setTimeout(() => this.endpoint.destroy(timedOut(connectMs)), connectMs);
    this.#heartbeat = new Heartbeat(this.endpoint, this.session);
    // As a rule the time for the welcome is over sooner, and one timer is enough until then.
    if (heartbeat.deadMs < connectMs) this.#heartbeat.begin(heartbeat);
  }

  /** Resolves with the server's welcome; rejects if the connection ends before. */
  get opened(): Promise<void> {
    this.#welcome ??= new Deferred();
    if (this.#isOpen) this.#welcome.resolve();
    else if (this.session.over) this.#welcome.reject(() => notOpened(this.#outcome));
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
    const channel = this.session.longestCancelled;
    if (channel === undefined || channel !== this.#cancelled?.channel) {
      this.#cancelled = { channel, since: nowMs };
    } else if (nowMs - this.#cancelled.since >= this.#settings.answerMs) {
      const reason = `The server has not ended a cancelled request for ${this.#settings.answerMs} ms.`;
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

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #opened(): void {
    this.#stopWaiting();
    this.#heartbeat.begin(this.session.silence.heartbeat(this.#settings.heartbeat));
    this.#isOpen = true;
    this.#welcome?.resolve();
    this.#listener.opened();
  }

  #ended(error: TransferError | undefined): void {
    this.#stopWaiting();
    this.#outcome = error;
    // Its last words may be waited for in vain.
    if (!this.#heartbeat.begun) this.#heartbeat.begin(this.#settings.heartbeat);
    this.#welcome?.reject(() => notOpened(error));
    // Where both sides had finished, everything was answered.
    if (error) for (const lost of [...(this.#losses ?? [])]) lost(error);
    this.#listener.ended(error);
  }

  /** Carries the session over what was dialled, or will be. */
  carry(dialled: Socket | Promise<Duplex>): void {
    if (dialled instanceof Socket && !this.#settings.secret) this.#join(dialled);
    else void this.#carryLater(dialled);
  }

  async #carryLater(dialled: Socket | Promise<Duplex>): Promise<void> {
    try {
      const duplex: unknown = await dialled;
      if (!isDuplex(duplex)) throw new TypeError('connect must give a Duplex');
      // Whoever is there learns nothing, no name and no secret, before the certificate has been found right.
      if (duplex instanceof TLSSocket && duplex.connecting) await secured(duplex, this.endpoint);
      else if (this.#settings.secret) await requirePrivate(duplex, this.endpoint);
      this.#join(duplex);
    } catch (thrown) {
      this.endpoint.destroy(connectionError(thrown));
    }
  }

  #join(duplex: Duplex): void {
    if (this.endpoint.destroyed) return discard(duplex);
    this.#duplex = duplex;
    attach(duplex, this.endpoint, { stallMs: this.#settings.stallMs, reader: readerOf(duplex) });
  }
}

function notOpened(error: TransferError | undefined): TransferError {
  return error ?? new TransferError('ESHUTDOWN', 'The client was closed before it was connected.');
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
