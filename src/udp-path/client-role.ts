/**
 * The client's half of the handshake. The client always knows the address of the server; the server learns the client's,
 * which a NAT may change.
 *
 *     probing -> open: HELLO every 10 s, and after data has stopped -> answered: open
 *                                                                   -> not answered within 250 ms, or another token: probing
 *     probing -> no HELLO is answered in time, later for 3 s or 10 round trips and two probes: the path fails
 */
import { systemClock } from '../clock.js';
import { protocolError } from '../errors.js';
import type { PathConfirmation } from '../udp/body-path.js';
import type { HelloAnswer, HelloDatagrams } from './handshake/hello-datagrams.js';
import { PathProbe, type ProbeResult } from './handshake/path-probe.js';
import type { DatagramSocket, Source } from './socket/datagram-socket.js';
import type { PathControls, PathRole, PathTimes } from './path-role.js';

export interface ClientRoleSettings {
  readonly server: Source;
  readonly hellos: HelloDatagrams;
  /** Sizes of HELLOs, ascending. */
  readonly sizes: readonly number[];
  /** The round trip of the control connection. */
  readonly rttMs: number;
  sendConfirmation(confirmation: PathConfirmation): void;
}

/** A NAT may forget a UDP mapping after 30 s. */
const KEEP_ALIVE_MS = 10_000;

/** Time without data after which the client asks whether the path is alive. */
const QUIET_MS = 500;

/** Time in which a single HELLO is answered, at least. */
const ANSWER_MS = 250;

/** Time between two probes at least, so that answers with ever other tokens cost few HELLOs and confirmations. */
const MIN_PROBE_INTERVAL_MS = 250;

/** Time without any arrival after which the path fails: 3 s, or 10 round trips if that is longer. */
const SILENT_MS = 3_000;
const SILENT_ROUND_TRIPS = 10;

/** Failed probes before that: one may have failed because this process was stopped. */
const MIN_FAILED_PROBES = 2;

export class ClientRole implements PathRole {
  readonly #settings: ClientRoleSettings;
  readonly #socket: DatagramSocket;
  #controls: PathControls | undefined;
  #probe: PathProbe | undefined;
  #confirmed: PathConfirmation | undefined;
  #rttMs = 0;
  #failedProbes = 0;
  #lastHelloMs = -Infinity;
  /** When the HELLO was sent that has not been answered. */
  #askedMs: number | undefined;
  #lastAnswerMs = -Infinity;
  #lastProbeMs = -Infinity;
  #lastProofMs = -Infinity;

  constructor(socket: DatagramSocket, settings: ClientRoleSettings) {
    this.#socket = socket;
    this.#settings = settings;
    this.#rttMs = settings.rttMs;
  }

  start(controls: PathControls): void {
    this.#controls = controls;
    this.#socket.connect(this.#settings.server);
    this.#startProbe();
  }

  accepts({ address, port }: Source): boolean {
    const { server } = this.#settings;
    return this.#confirmed !== undefined && address === server.address && port === server.port;
  }

  onHello(): void {
    // Only a client asks.
  }

  onAnswer(answer: HelloAnswer): void {
    const nowMs = systemClock();
    const isOther = answer.token !== this.#confirmed?.token;
    if (!this.#probe && isOther && nowMs - this.#lastProbeMs < MIN_PROBE_INTERVAL_MS) return;
    this.#lastAnswerMs = nowMs;
    this.#askedMs = undefined;
    if (this.#probe) this.#probe.onAnswer(answer);
    else if (isOther) this.#startProbe();
  }

  onConfirmation(): void {
    throw protocolError('A server must not confirm an address.');
  }

  onProof(): void {
    this.#lastProofMs = systemClock();
  }

  onTick({ nowMs, lastDataMs }: PathTimes): void {
    if (this.#probe || !this.#confirmed) return;
    const answerMs = Math.max(ANSWER_MS, 2 * this.#rttMs);
    if (this.#askedMs !== undefined && nowMs - this.#askedMs >= answerMs) return this.#startProbe();
    const hasStopped = lastDataMs > this.#lastAnswerMs && nowMs - this.#lastProofMs >= QUIET_MS;
    const isDue = nowMs - this.#lastHelloMs >= KEEP_ALIVE_MS;
    if (this.#askedMs === undefined && (hasStopped || isDue)) this.#ask(this.#settings.hellos.minSize);
  }

  stop(): void {
    this.#probe?.stop();
    this.#probe = undefined;
  }

  #ask(size: number): number {
    const { hellos, server } = this.#settings;
    const number = hellos.nextNumber;
    this.#lastHelloMs = systemClock();
    this.#askedMs ??= this.#lastHelloMs;
    this.#controls?.send(hellos.hello(size), server);
    return number;
  }

  #startProbe(): void {
    this.#askedMs = undefined;
    this.#lastProbeMs = systemClock();
    const { sizes } = this.#settings;
    const send = (size: number): number => this.#ask(size);
    const onDone = (result: ProbeResult | undefined): void => this.#onProbed(result);
    this.#probe = new PathProbe({ sizes, now: systemClock, rttMs: this.#rttMs, send, onDone });
  }

  #onProbed(result: ProbeResult | undefined): void {
    this.#probe = undefined;
    this.#failedProbes = result ? 0 : this.#failedProbes + 1;
    if (result) this.#confirm(result);
    else if (!this.#confirmed) this.#controls?.fail('The server does not answer UDP datagrams.');
    else if (this.#isSilent) this.#controls?.fail('The server has stopped answering UDP datagrams.');
    else this.#startProbe();
  }

  get #isSilent(): boolean {
    const silentMs = Math.max(SILENT_MS, SILENT_ROUND_TRIPS * this.#rttMs);
    return this.#failedProbes >= MIN_FAILED_PROBES && systemClock() - this.#lastProofMs > silentMs;
  }

  #confirm({ token, size, rttMs }: ProbeResult): void {
    this.#rttMs = rttMs;
    // The same address is the same path: of a later probe, large HELLOs may just have been lost.
    if (this.#confirmed?.token === token) return;
    this.#confirmed = { token, size };
    this.#controls?.use({ source: this.#settings.server, size, rttMs });
    this.#settings.sendConfirmation(this.#confirmed);
  }
}
