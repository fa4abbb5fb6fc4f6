/**
 * Opens the UDP path of a connection, once. Requests that use it wait until it is usable, or known not to be.
 *
 *     start -> [auto: RTT] -> socket -> open udp -> accept -> HELLO, HELLO-ACK -> usable
 *           -> unsuitable, refused, not answered within 2 s -> fallback
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../clock.js';
import { TransferError } from '../../errors.js';
import { isTlsSocket } from '../connection/secure-connect.js';
import { isSameHost } from '../../udp-path/socket/same-host.js';
import type { ClientSession, RequestFields } from '../../session/client-session.js';
import { prefersPath } from '../../session/path/prefers-path.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { ClientPath } from './client-path.js';
import type { ClientUdpSettings } from './options.js';
import { pathModules } from './path-modules.js';

/** Time that the first request waits for a path at most. */
const OPENING_MS = 2_000;

/** A link with a shorter round trip is so short that TCP fills it. */
const SHORT_RTT_MS = 1;

/** A request that waits for the path. */
export interface PathWaiter<Connection> {
  open(connection: Connection): void;
  onLost(error: TransferError): void;
}

export interface UdpOpeningContext<Connection> {
  readonly connection: Connection;
  readonly settings: ClientUdpSettings;
  readonly session: ClientSession;
  /** Bodies travel over TCP although the program has asked for UDP. */
  onFallback(reason: string): void;
}

export class UdpOpening<Connection> {
  readonly #context: UdpOpeningContext<Connection>;
  readonly #waiters = new Set<PathWaiter<Connection>>();
  #isOpening: boolean;
  #deadline: Deadline | undefined;
  #path: ClientPath | undefined;

  constructor(context: UdpOpeningContext<Connection>) {
    this.#context = context;
    this.#isOpening = context.settings.transport !== 'tcp';
    // While the client connects: on a busy machine, loading takes a large part of the time in which a path must open.
    if (this.#isOpening) pathModules().catch(() => undefined);
  }

  /** Whether a request waits until there is a path, or will be none. Then it is opened again. */
  holds(fields: RequestFields, waiter: PathWaiter<Connection>): boolean {
    if (!this.#isOpening || !prefersPath(fields)) return false;
    this.#waiters.add(waiter);
    return true;
  }

  /** The server has sent `welcome` over this stream. */
  start(duplex: Duplex | undefined): void {
    if (!this.#isOpening) return;
    this.#deadline = new Deadline(OPENING_MS, () =>
      this.#giveUp('The server has not opened a UDP path within 2 s.'),
    ).unref();
    this.#open(duplex).catch((thrown: unknown) => this.#giveUp(TransferError.from(thrown).reason));
  }

  /** Requests wait no longer: the client closes. */
  skip(): void {
    this.#settle();
  }

  /** The connection has ended. */
  end(error: TransferError | undefined): void {
    this.#stop();
    this.#path?.release();
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.onLost(error ?? new TransferError('ECONNRESET'));
  }

  async #open(duplex: Duplex | undefined): Promise<void> {
    const { settings, session } = this.#context;
    const { memory } = settings;
    if (!session.features.has('udp')) return this.#giveUp('The server does not offer UDP.');
    const { remoteAddress, localAddress } = duplex instanceof Socket ? duplex : {};
    if (remoteAddress === undefined) return this.#giveUp('The connection is not one of TCP.');
    const known = memory.blockedReason(remoteAddress);
    if (known !== undefined) return this.#giveUp(known);
    if (settings.transport === 'auto' && isSameHost(remoteAddress)) return this.#settle();
    if (settings.transport === 'auto' && (await this.#pingMs()) < SHORT_RTT_MS) return this.#settle();
    const { openDatagramSocket, ClientPath } = await pathModules();
    const socket = await openDatagramSocket({ peerAddress: remoteAddress, localAddress });
    if (!this.#isOpening || session.ended) return socket.close();
    const tls = duplex && isTlsSocket(duplex) ? duplex : undefined;
    const peer = { address: remoteAddress, tls };
    this.#path = new ClientPath(
      { session, socket, settings, peer },
      {
        onUsable: () => this.#settle(),
        onBroken: (reason) => this.#giveUp(reason),
      },
    );
  }

  async #pingMs(): Promise<number> {
    const startedMs = systemClock();
    await this.#context.session.ping();
    return systemClock() - startedMs;
  }

  #giveUp(reason: string): void {
    if (!this.#context.session.ended) this.#context.onFallback(reason);
    this.#path?.fail(reason);
    this.#settle();
  }

  #settle(): void {
    this.#stop();
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.open(this.#context.connection);
  }

  #stop(): void {
    this.#isOpening = false;
    this.#deadline?.stop();
  }
}
