/**
 * The server's half of the handshake. It sends data only to an address that the client has confirmed over TCP.
 *
 *     waiting: HELLOs are answered -> path frame -> connected: only datagrams of the client's address arrive
 *     connected -> nothing arrives for 600 ms -> listening: HELLOs from another port of the client arrive, too
 *     listening -> datagrams arrive -> connected
 */
import type { Clock } from '../clock.js';
import type { PathConfirmation } from '../udp/body-path.js';
import { HelloAnswers, type HelloRules } from './handshake/hello-answers.js';
import type { HelloDatagrams } from './handshake/hello-datagrams.js';
import type { DatagramSocket, Source } from './socket/datagram-socket.js';
import type { PathControls, PathRole, PathTimes } from './path-role.js';

export interface ServerRoleSettings extends HelloRules {
  readonly hellos: HelloDatagrams;
  readonly now: Clock;
}

/** The time in which a client confirms an address. It gives up after 1.5 s at most. */
const CONFIRMATION_MS = 10_000;

/** A client with another port is not heard for this time at most. It repeats its HELLOs for 750 ms or longer. */
const QUIET_MS = 600;

export class ServerRole implements PathRole {
  readonly #socket: DatagramSocket;
  readonly #hellos: HelloDatagrams;
  readonly #answers: HelloAnswers;
  readonly #openedMs: number;
  #controls: PathControls | undefined;
  #client: Source | undefined;

  constructor(socket: DatagramSocket, settings: ServerRoleSettings) {
    this.#socket = socket;
    this.#hellos = settings.hellos;
    this.#answers = new HelloAnswers(settings);
    this.#openedMs = settings.now();
  }

  start(controls: PathControls): void {
    this.#controls = controls;
  }

  /** The data of a client may overtake its confirmation. */
  accepts(source: Source): boolean {
    return this.#isClient(source) || this.#answers.isCandidate(source);
  }

  onHello(packetNumber: number, size: number, source: Source): void {
    const token = this.#answers.onHello(packetNumber, size, source);
    if (token === undefined || size < this.#hellos.minSize) return;
    this.#controls?.send(this.#hellos.answer(size, { helloNumber: packetNumber, token }), source);
  }

  onAnswer(): void {
    // Only a server answers.
  }

  onConfirmation(confirmation: PathConfirmation): void {
    const { source, rttMs } = this.#answers.confirm(confirmation);
    this.#client = source;
    this.#socket.connect(source);
    this.#controls?.use({ source, size: confirmation.size, rttMs });
  }

  /** A HELLO of another port does not prove that the known one still works. */
  onProof(source = this.#client): void {
    if (source && this.#isClient(source) && !this.#socket.isConnected) this.#socket.connect(source);
  }

  onTick({ nowMs, lastProofMs }: PathTimes): void {
    if (nowMs - lastProofMs >= QUIET_MS) this.#socket.disconnect();
    if (this.#client || nowMs - this.#openedMs < CONFIRMATION_MS) return;
    this.#controls?.fail('The client has not confirmed that UDP datagrams arrive.');
  }

  stop(): void {
    // It has no timers.
  }

  #isClient({ address, port }: Source): boolean {
    return address === this.#client?.address && port === this.#client.port;
  }
}
