/**
 * A UDP path between two ends of a session: a socket, the half of the handshake, a sender and a receiver of datagrams, and
 * the timers that drive them. Both directions use one socket.
 *
 *     host.take -> UdpSender -> seal -> socket ~~> socket -> DatagramInput -> UdpReceiver -> host.receive
 */
import { clearInterval, setInterval, systemClock } from '../clock.js';
import { protocolError } from '../errors.js';
import type { BodyPath, BodyPathHost, PathConfirmation, PathStats } from '../udp/body-path.js';
import type { DatagramHeader } from '../udp/datagram.js';
import type { ReceiverReport } from '../udp/report.js';
import type { PathSeals } from './sealing/path-seals.js';
import type {
  DatagramSocket,
  DatagramSocketListener,
  SocketFailure,
  Source,
} from './socket/datagram-socket.js';
import { UdpReceiver } from '../udp/udp-receiver.js';
import type { PathSnapshot } from '../udp/udp-sender-stats.js';
import { UdpSender } from '../udp/udp-sender.js';
import { localInflightBytes } from './local-inflight.js';
import { DatagramInput } from './datagram-input.js';
import type { PathRole, ReachedPeer } from './path-role.js';
import type { PathSettings } from './path-settings.js';
import { OverLimit } from './policing/over-limit.js';
import { RatePolicer } from './policing/rate-policer.js';
import { Alarm } from './timers/alarm.js';
import { LateTicks } from './timers/late-ticks.js';

export interface PathParts {
  readonly socket: DatagramSocket;
  readonly seals: PathSeals;
  readonly role: PathRole;
  readonly host: BodyPathHost;
  readonly settings: PathSettings;
}

const TICK_MS = 250;

/**
 * Refusals in a row after which a handshake fails. Later ones are lost datagrams: a NAT that has given the peer another
 * port refuses, too.
 */
const MAX_REFUSALS = 3;

/** A local receiver reports each eighth of its buffer. */
const LOCAL_REPORT_PART = 1 / 8;

/** Time after which a path asks again whether it may report. */
const REPORT_RETRY_MS = 50;

/** From this rate in bytes per second on, a timer of 1 ms is too coarse. */
const FAST_RATE = 120e6;

export class DatagramPath implements BodyPath, DatagramSocketListener {
  readonly maxRate: number;
  readonly #parts: PathParts;
  readonly #input: DatagramInput;
  readonly #receiver: UdpReceiver;
  readonly #policer: RatePolicer | undefined;
  readonly #overLimit = new OverLimit();
  readonly #ticks = new LateTicks(2 * TICK_MS, systemClock());
  readonly #pump = new Alarm(() => this.#send());
  readonly #reports = new Alarm(() => this.#report());
  readonly #ticker: NodeJS.Timeout;
  #sender: UdpSender | undefined;
  #peer: Source | undefined;
  #isClosed = false;
  #received = 0;
  #bytesReceived = 0;
  #bytesReported = 0;
  #refusals = 0;
  #lastProofMs = systemClock();
  #lastDataMs = -Infinity;

  /** Starts the handshake. */
  constructor(parts: PathParts) {
    const { socket, seals, role, settings } = parts;
    const { connectionId, maxIncomingRate, isSameHost } = settings;
    this.#parts = parts;
    this.maxRate = settings.maxRate ?? Infinity;
    if (maxIncomingRate !== undefined) this.#policer = new RatePolicer(maxIncomingRate, this.#nowUs);
    this.#receiver = new UdpReceiver({
      connectionId,
      rttUs: settings.rttMs * 1_000,
      extraBytes: seals.incoming.extraBytes,
      bytesPerReport: isSameHost ? socket.receiveBufferBytes * LOCAL_REPORT_PART : undefined,
    });
    const onData = (header: Readonly<DatagramHeader>, payload: Buffer): boolean =>
      this.#onData(header, payload);
    this.#input = new DatagramInput({ connectionId, seal: seals.incoming, role, onData });
    this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref();
    socket.listen(this);
    role.start({
      send: (datagram, to) => this.#emit(datagram, to),
      use: (peer) => this.#use(peer),
      fail: (reason) => this.#fail(reason, true),
    });
  }

  wake(): void {
    if (this.#sender && !this.#isClosed) this.#pump.setNow();
  }

  onReceiverReport(report: ReceiverReport): void {
    if (this.#isClosed) return;
    if (!this.#sender) throw protocolError('A receiver report has arrived before any datagram was sent.');
    this.#sender.onReport(report, this.#nowUs);
    if (report.bytesReceived > this.#bytesReported) this.#onProof();
    this.#bytesReported = report.bytesReceived;
    this.#send();
  }

  onSenderReport(sentTo: number): void {
    if (this.#isClosed) return;
    this.#receiver.onSenderReport(sentTo, this.#nowUs);
    this.#scheduleReport();
  }

  onPathConfirmation(confirmation: PathConfirmation): void {
    if (!this.#isClosed) this.#parts.role.onConfirmation(confirmation);
  }

  drop(channelId: number): void {
    this.#sender?.drop(channelId);
  }

  fail(reason: string): void {
    this.#fail(reason, false);
  }

  snapshot(): PathSnapshot | undefined {
    return this.#sender?.snapshot();
  }

  close(): void {
    if (this.#isClosed) return;
    const snapshot = this.snapshot();
    if (snapshot) this.#parts.settings.memory?.remember(snapshot);
    this.#release();
  }

  #release(): void {
    this.#isClosed = true;
    this.#pump.stop();
    this.#reports.stop();
    clearInterval(this.#ticker);
    this.#parts.role.stop();
    this.#parts.socket.close();
  }

  get stats(): PathStats {
    const sender = this.#sender?.stats;
    return {
      datagramBytes: sender?.datagramBytes ?? 0,
      datagramsSent: sender?.sentDatagrams ?? 0,
      datagramsReceived: this.#received,
      datagramsLost: sender?.lostDatagrams ?? 0,
      datagramsRejected: this.#input.rejected,
      bytesSent: sender?.sentBytes ?? 0,
      bytesReceived: this.#bytesReceived,
      rate: sender?.rate ?? 0,
      rttMs: (sender?.minRttUs ?? 0) / 1_000,
    };
  }

  onDatagram(datagram: Buffer, source: Source): void {
    if (this.#input.add(datagram, source)) this.#onProof(source);
  }

  onFailure(failure: SocketFailure): void {
    // One that is too long is lost: the sender finds smaller ones that arrive.
    if (failure === 'too-long') return;
    if (failure === 'closed') return this.fail('The UDP socket was closed.');
    this.#refusals += 1;
    if (!this.#sender && this.#refusals >= MAX_REFUSALS) this.#fail('The peer refuses UDP datagrams.', true);
  }

  get #nowUs(): number {
    return systemClock() * 1_000;
  }

  #onProof(source?: Source): void {
    this.#lastProofMs = systemClock();
    this.#refusals = 0;
    this.#parts.role.onProof(source);
  }

  #use({ source, size, rttMs }: ReachedPeer): void {
    this.#peer = source;
    this.#receiver.setRtt(rttMs * 1_000);
    if (this.#sender) this.#sender.restart(size, this.#nowUs);
    else this.#sender = this.#newSender(size, rttMs);
    this.#onProof();
    this.wake();
  }

  #newSender(datagramBytes: number, rttMs: number): UdpSender {
    const { seals, host, settings } = this.#parts;
    const { token, extraBytes } = seals.outgoing;
    const { connectionId, memory, maxRate, isSameHost, peerReceiveBuffer, retained } = settings;
    const emit = (datagram: Buffer): boolean => {
      if (this.#peer) this.#emit(seals.outgoing.seal(datagram), this.#peer);
      return this.#parts.socket.canSend;
    };
    const inflightBytes = isSameHost ? localInflightBytes(peerReceiveBuffer, datagramBytes) : undefined;
    const tagBytes = extraBytes - token.length;
    const rates = {
      rttUs: rttMs * 1_000,
      initialRate: memory?.initialRate(rttMs),
      maxRate,
      localInflightBytes: inflightBytes,
    };
    return new UdpSender({
      datagramBytes,
      connectionId,
      source: host,
      emit,
      settings: { token, tagBytes, retained, ...rates },
    });
  }

  #emit(sealed: Buffer, to: Source): void {
    const { socket, seals } = this.#parts;
    socket.send(sealed, to);
    if (socket.holdsMemory) seals.outgoing.keepLast();
  }

  #send(): void {
    if (!this.#sender || this.#isClosed) return;
    const nowMs = systemClock();
    const { sentBytes } = this.#sender;
    const waitUs = this.#sender.send(nowMs * 1_000);
    if (this.#sender.sentBytes > sentBytes) this.#lastDataMs = nowMs;
    const sentTo = this.#sender.senderReport(nowMs * 1_000);
    if (sentTo !== undefined) this.#parts.host.sendSenderReport(sentTo);
    if (waitUs < 1_000 && this.#isFast) this.#pump.setNow();
    else this.#pump.setAt(nowMs + waitUs / 1_000, nowMs);
  }

  get #isFast(): boolean {
    return this.#parts.settings.isSameHost || (this.#sender?.rate ?? 0) > FAST_RATE;
  }

  #onData(header: Readonly<DatagramHeader>, payload: Buffer): boolean {
    const nowUs = this.#nowUs;
    const { host } = this.#parts;
    const { isOverLimit } = host;
    if (this.#overLimit.add(isOverLimit, nowUs)) this.fail(OVER_LIMIT);
    if (this.#isClosed || isOverLimit || this.#policer?.accept(payload.length, nowUs) === false) return false;
    if (this.#receiver.onDatagram(header, nowUs) !== 'new') return false;
    this.#received += 1;
    this.#bytesReceived += payload.length;
    this.#lastDataMs = nowUs / 1_000;
    host.receive({ channelId: header.channelId, offset: header.offset, bytes: payload });
    this.#scheduleReport();
    return true;
  }

  #scheduleReport(): void {
    if (this.#isClosed) return;
    const nowMs = systemClock();
    const nextMs = this.#receiver.nextReportUs / 1_000;
    if (nextMs <= nowMs) this.#report();
    else this.#reports.setAt(nextMs, nowMs);
  }

  /** A peer that sends datagrams and does not read would make its reports wait without end. */
  #report(): void {
    const { host } = this.#parts;
    if (!host.canReport) return this.#reports.setAt(systemClock() + REPORT_RETRY_MS, systemClock());
    const report = this.#receiver.report(this.#nowUs);
    if (report) host.sendReceiverReport(report);
    const nowMs = systemClock();
    if (!this.#isClosed) this.#reports.setAt(this.#receiver.nextReportUs / 1_000, nowMs);
  }

  #tick(): void {
    const nowMs = systemClock();
    const mayJudge = this.#ticks.add(nowMs);
    this.#parts.role.onTick({ nowMs, lastProofMs: this.#lastProofMs, lastDataMs: this.#lastDataMs });
    const reason = mayJudge ? this.#sender?.fallBackReason(nowMs * 1_000) : undefined;
    if (reason) this.#fail(failures[reason], true);
  }

  #fail(reason: string, isNetwork: boolean): void {
    if (this.#isClosed) return;
    const unacknowledged = this.#sender?.unacknowledged() ?? [];
    this.#release();
    this.#parts.host.onBroken(reason, unacknowledged, isNetwork);
  }
}

const OVER_LIMIT = 'More UDP datagrams arrive than a bandwidth limit allows.';

const failures = {
  silent: 'UDP datagrams no longer arrive.',
  lossy: 'More than half of the UDP datagrams are lost.',
} as const;
