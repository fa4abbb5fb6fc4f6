/**
 * One connection of a client.
 *
 *     carry(connect) -> duplex -> TLS verified, or transport private -> Transport.attach: duplex <=> Endpoint <=> ClientSession
 */
import { Socket } from 'node:net';
import { Stream, type Duplex } from 'node:stream';
import { TransferError } from '../../errors.js';
import { ClientSession } from '../../session/client-session.js';
import { Endpoint } from '../../session/transport/endpoint.js';
import { KeepAlive } from '../../session/keep-alive/keep-alive.js';
import { connectionError } from '../../session/transport/connection-error.js';
import { Transport } from '../../session/transport/transport.js';
import { ActivityLimit } from '../../session/timers/activity-limit.js';
import type { Connect } from './connect.js';
import { ConnectionRecord } from './connection-record.js';
import { Deferred } from './deferred.js';
import { assertPrivateTransport, isTlsSocket, waitForEvent, waitForSecureConnect } from './secure-connect.js';
import { socketReader } from './socket-reader.js';
import { UdpOpening } from '../udp/udp-opening.js';
import { Turns } from './turns.js';
import type { RequestSession, RequestSessions } from '../repeats/request-sessions.js';
import type { ClientSettings } from '../options.js';

/** So many times `responseMs`, acks can extend the time for the end of a cancelled request: a storage cannot stop each call. */
const CANCEL_EXTENSIONS = 100;

/** The events of a connection. `error` is undefined if both sides had finished. */
export interface ClientConnectionListener {
  /** The server has sent `welcome`. */
  onOpen(): void;
  /** The server closes the connection after its running requests. `error` is that of the others, which are told later. */
  onGoaway(error: TransferError): void;
  /** The session has ended, and all its requests have been notified. */
  onEnd(error: TransferError | undefined): void;
  onClose(error: TransferError | undefined): void;
  /** Large files travel over TCP, although the client asks for UDP. */
  onFallback(reason: string): void;
}

export class ClientConnection {
  readonly session: ClientSession;
  readonly endpoint: Endpoint;
  readonly record: ConnectionRecord;
  readonly udp: UdpOpening<ClientConnection>;
  /** The session of the requests, once the server has named it. */
  requestSession: RequestSession | undefined;
  readonly #sessions: RequestSessions | undefined;
  /** The session for which `hello` asks. */
  readonly #askedSession: RequestSession | undefined;
  readonly #settings: ClientSettings;
  readonly #listener: ClientConnectionListener;
  readonly #transport: Transport;
  readonly #keepAlive: KeepAlive;
  readonly #turns: Turns;
  readonly #lossListeners = new Set<(error: TransferError) => void>();
  readonly #welcome = new Deferred<void>();
  /** What `connect` has made. */
  #duplex: Duplex | undefined;
  #isRef = true;
  #error: TransferError | undefined;
  #cancelled: { channel: unknown; limit: ActivityLimit } | undefined;

  /** @param sessions - of a client that may repeat requests; without them, none gets a number */
  constructor(settings: ClientSettings, listener: ClientConnectionListener, sessions?: RequestSessions) {
    this.#settings = settings;
    this.#sessions = sessions;
    this.#askedSession = sessions?.current;
    this.#listener = listener;
    this.record = new ConnectionRecord(settings.reconnect.maxDelayMs);
    const sessionSettings = { ...settings.session, requested: sessions?.requested ?? { features: '' } };
    this.session = new ClientSession(settings.codec, sessionSettings, {
      onOpen: () => this.#handleOpen(),
      onEnd: (error) => this.#handleEnd(error),
      onGoaway: (error) => listener.onGoaway(error),
      onCrowded: () => this.#turns.start(),
    });
    this.#turns = new Turns(this.session);
    this.endpoint = new Endpoint(this.session);
    this.endpoint.limit(settings.rateLimits);
    this.endpoint.setRef(true);
    const onFallback = (reason: string): void => listener.onFallback(reason);
    this.udp = new UdpOpening({
      connection: this,
      session: this.session,
      settings: settings.udp,
      onFallback,
    });
    const { connectMs, stallMs, keepAlive } = settings;
    this.#transport = new Transport(this.endpoint, {
      stallMs,
      onClose: () => listener.onClose(this.#error),
    });
    this.#keepAlive = new KeepAlive(this.endpoint, this.session, {
      keepAlive,
      handshakeMs: connectMs,
      onHandshakeTimeout: () => this.endpoint.destroy(handshakeTimeout(connectMs)),
    });
  }

  /** Whether requests that change something wait for `welcome`, to be numbered. */
  get numbersChanges(): boolean {
    return this.#sessions !== undefined;
  }

  /** Resolves with the server's `welcome`; rejects if the connection ends before. */
  get opened(): Promise<void> {
    return this.#welcome.promise;
  }

  /** Calls the listener if the session ends with an error, before `onEnd`. Returns a function that removes it. */
  onLoss(listener: (error: TransferError) => void): () => void {
    this.#lossListeners.add(listener);
    return () => this.#lossListeners.delete(listener);
  }

  /** Closes the connection if the server leaves a cancelled request open: the client would run out of channels. */
  checkTimeout(nowMs: number): void {
    const channel = this.session.oldestCancelled;
    if (!channel) {
      this.#cancelled = undefined;
      return;
    }
    if (this.#cancelled?.channel !== channel) {
      this.#cancelled = { channel, limit: new ActivityLimit(this.#settings.responseMs, CANCEL_EXTENSIONS) };
    }
    const ms = this.#cancelled.limit.exceeded(nowMs, channel);
    if (ms === undefined) return;
    this.destroy(
      new TransferError('ETIMEDOUT', `The server has not ended a cancelled request for ${ms} ms.`),
    );
  }

  /** Sets whether the connection keeps the process alive. */
  setRef(isRef: boolean): void {
    this.#isRef = isRef;
    this.endpoint.setRef(isRef);
    this.#keepAlive.setRef(isRef);
    if (!(this.#duplex instanceof Socket)) return;
    if (isRef) this.#duplex.ref();
    else this.#duplex.unref();
  }

  /** Closes the connection when its requests have ended. */
  close(): void {
    this.udp.skip();
    this.session.drain();
    // An endpoint that was never piped has nothing to wait for.
    if (this.session.ended && this.endpoint.readableFlowing === null) this.endpoint.destroy();
  }

  destroy(error: TransferError): void {
    this.#transport.destroy(error);
  }

  #handleOpen(): void {
    this.#keepAlive.onOpen();
    this.record.onOpen();
    this.requestSession = this.#sessions?.welcome(this.session.sessionId, this.#askedSession);
    this.#welcome.resolve();
    this.udp.start(this.#duplex);
    this.#listener.onOpen();
  }

  #handleEnd(error: TransferError | undefined): void {
    this.#keepAlive.onEnd();
    this.#turns.stop();
    this.#error = error;
    this.udp.end(error);
    this.#welcome.reject(() => error ?? notOpened());
    if (error) for (const listener of [...this.#lossListeners]) listener(error);
    this.#listener.onEnd(error);
  }

  /** Runs the session over the Duplex that `connect` makes. */
  async carry(connect: Connect): Promise<void> {
    try {
      // One tick later, so that requests already wait on the connection when connecting fails at once.
      const duplex: unknown = await Promise.resolve().then(connect);
      if (!isDuplex(duplex)) throw new TypeError('The option connect must return a Duplex.');
      this.#transport.hold(duplex);
      this.#duplex = duplex;
      if (!this.#isRef) this.setRef(false);
      // Neither user name nor secret is sent before the certificate has been verified. Over a socket that never connects,
      // nothing is sent, so that its requests can be repeated.
      if (isTlsSocket(duplex) && duplex.connecting) await waitForSecureConnect(duplex);
      else if (duplex instanceof Socket && duplex.connecting) await waitForEvent(duplex, 'connect');
      if (this.#settings.secret) assertPrivateTransport(duplex);
      this.#transport.attach(duplex, socketReader(duplex));
    } catch (thrown) {
      this.endpoint.destroy(connectionError(thrown, 'ECONNREFUSED'));
    }
  }
}

function notOpened(): TransferError {
  return new TransferError('ESHUTDOWN', 'The client was closed before it was connected.');
}

function isDuplex(given: unknown): given is Duplex {
  return given instanceof Stream && 'write' in given && 'read' in given;
}

function handshakeTimeout(connectMs: number): TransferError {
  return new TransferError('ETIMEDOUT', `No welcome from the server within ${connectMs} ms.`);
}
