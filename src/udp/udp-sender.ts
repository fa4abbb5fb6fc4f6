/**
 * The sending end of the datagrams of one connection. It takes bytes of bodies from a source as fast as the path carries
 * them, and keeps each payload until the receiver has reported its packet.
 *
 *     source -> send: pacer, limit in flight -> emit
 *     frame receiver-report -> onReport: lost payloads are sent again first; the rate follows the path
 *     senderReport -> frame sender-report
 */
import type { BodyPiece, BodySource } from './body-source.js';
import { MIN_DATAGRAM_BYTES, datagramTypes, emptyHeader, writeDatagramHeader } from './datagram.js';
import { PathMonitor } from './path/path-monitor.js';
import { LocalRate } from './sending/local-rate.js';
import { RateControl } from './rate/rate-control.js';
import type { RateModel } from './rate/rate-model.js';
import { checkReport, type ReceiverReport } from './report.js';
import { Announcements, type SenderState } from './sending/announcements.js';
import { Pacer } from './sending/pacer.js';
import { PathHealth, type FallBackReason } from './sending/path-health.js';
import { PayloadSlots, type PayloadSlot } from './sending/payload-slots.js';
import { ignoreLostLarge, SentPackets } from './sending/sent-packets.js';
import { reportIntervalUs } from './udp-receiver.js';
import type { UdpSenderOptions, UdpSenderSettings } from './udp-sender-options.js';
import type { PathSnapshot, UdpSenderStats } from './udp-sender-stats.js';

const DEFAULT_MAX_RETAINED_BYTES = 64 * 1024 * 1024;

/** Time in us until the next call when the socket is full, and when too much is in flight and a report is missing. */
const SOCKET_FULL_US = 1_000;
const BLOCKED_US = 5_000;

/** Datagrams of one call: on a fast path the process must do something else, too. */
const MAX_BURST = 512;

/** After a longer pause in us the path may be another one: the sender starts at half of the bandwidth. */
const LONG_PAUSE_US = 10_000_000;

export class UdpSender {
  /** Bytes of all datagrams. */
  sentBytes = 0;
  readonly #source: BodySource;
  readonly #emit: (datagram: Buffer) => boolean;
  readonly #settings: UdpSenderSettings;
  readonly #reportUs: number;
  readonly #extraBytes: number;
  readonly #slots: PayloadSlots;
  readonly #packets: SentPackets;
  readonly #pacer = new Pacer();
  readonly #path: PathMonitor;
  readonly #health = new PathHealth();
  readonly #announcements = new Announcements();
  readonly #header = emptyHeader();
  #rate: RateModel;
  readonly #largestDatagram: number;
  #datagramBytes: number;
  #bytesReceived = 0;
  #isMeasured = false;
  /** Why the last call of `send` has ended. */
  #state: SenderState = 'empty';
  /** The last report, or the first datagram after a pause. */
  #waitsSinceUs = 0;
  #lastSentUs = -Infinity;
  #resent = 0;
  #lost = 0;

  constructor({ datagramBytes, connectionId, source, emit, settings }: UdpSenderOptions) {
    const token = settings.token ?? new Uint8Array(0);
    this.#source = source;
    this.#emit = emit;
    this.#settings = settings;
    this.#largestDatagram = this.#datagramBytes = datagramBytes;
    this.#header.connectionId = connectionId;
    this.#slots = new PayloadSlots(datagramBytes - (settings.tagBytes ?? 0), token, settings.retained);
    this.#extraBytes = this.#slots.payloadStart + (settings.tagBytes ?? 0);
    this.#packets = new SentPackets(this.#slots);
    this.#reportUs = reportIntervalUs(settings.rttUs);
    this.#path = new PathMonitor(settings.rttUs, this.#reportUs / 1_000);
    this.#rate = this.#startRate(settings.initialRate);
  }

  /**
   * Sends what may leave now. Returns the time in us until the next useful call, also of `senderReport`; Infinity if there
   * is nothing to do before a report or new bytes of the source.
   */
  send(nowUs: number): number {
    if (this.#isIdle) this.#onStart(nowUs);
    const ageMs = (nowUs - this.#waitsSinceUs) / 1_000;
    const rate = this.#rate.rate(ageMs);
    this.#pacer.fill(nowUs, rate, { datagramBytes: this.#datagramBytes, isLate: this.#state === 'ready' });
    const maxInflightBytes = this.#rate.maxInflightBytes(ageMs);
    for (let sent = 0; sent < MAX_BURST; sent += 1) {
      if (!this.#pacer.has(this.#datagramBytes)) return this.#wait('ready', nowUs, rate);
      if (this.#packets.inflightBytes + this.#datagramBytes > maxInflightBytes || !this.#packets.hasNumber)
        return this.#wait('blocked', nowUs, rate);
      const slot = this.#packets.takeLost(this.#maxPayload) ?? this.#takeNew();
      if (slot === undefined) return this.#wait(this.#isFull ? 'blocked' : 'empty', nowUs, rate);
      if (!this.#sendSlot(slot, nowUs)) return SOCKET_FULL_US;
    }
    return 0;
  }

  /** Handles a report. Throws EPROTO if it cannot be true. Call `send` afterwards. */
  onReport(report: ReceiverReport, nowUs: number): void {
    const { sentTo, resolvedTo } = this.#packets;
    checkReport(report, {
      sentTo,
      resolvedTo,
      bytesSent: this.sentBytes,
      bytesReceived: this.#bytesReceived,
    });
    const hasArrivals = report.bytesReceived > this.#bytesReceived;
    this.#bytesReceived = report.bytesReceived;
    this.#waitsSinceUs = nowUs;
    const resolved = this.#packets.resolve(report.resolvedTo, report.gaps);
    this.#lost += resolved.lost;
    if (this.#datagramBytes <= MIN_DATAGRAM_BYTES) ignoreLostLarge(resolved);
    this.#health.onReport(resolved, hasArrivals, nowUs);
    if (this.#health.takeBlackHole(nowUs)) return this.#onBlackHole();
    const { received, lost } = resolved;
    const sample = this.#path.add(report, { received, lost, sentTo }, nowUs);
    if (sample.bytesPerMs > 0) this.#isMeasured = true;
    this.#rate.onReport(sample, this.#path.queue.isDraining(sample.nowMs, sample.minRttMs));
  }

  /** The receiver has another address: the path to it may be another one. */
  restart(datagramBytes: number, nowUs: number): void {
    this.#datagramBytes = Math.min(datagramBytes, this.#largestDatagram);
    this.#rate = this.#startRate(undefined);
    this.#isMeasured = false;
    this.#health.onStart(nowUs);
  }

  /** Forgets the payloads of a channel that has ended. */
  drop(channelId: number): void {
    this.#packets.drop(channelId);
  }

  /** The bytes that may not have arrived, in order of channel and offset: what to send over TCP instead. */
  unacknowledged(): BodyPiece[] {
    const start = this.#slots.payloadStart;
    return this.#packets.unacknowledged().map(({ channelId, offset, payloadLength, datagram }) => {
      return { channelId, offset, bytes: datagram.subarray(start, start + payloadLength) };
    });
  }

  /** Why to send over TCP instead of in datagrams; `undefined` while the path carries them. */
  fallBackReason(nowUs: number): FallBackReason | undefined {
    if (this.#isIdle) return undefined;
    return this.#health.fallBackReason(nowUs, this.#path.rtt.us);
  }

  /**
   * The number of packets sent, if the receiver is to be told now: it cannot know that the last ones are lost. Returns it
   * once.
   */
  senderReport(nowUs: number): number | undefined {
    if (this.#senderReportUs > nowUs) return undefined;
    const { sentTo } = this.#packets;
    this.#announcements.add(sentTo, nowUs);
    return sentTo;
  }

  /** What is known of the path; `undefined` before the first measurement. */
  snapshot(): PathSnapshot | undefined {
    if (!this.#isMeasured) return undefined;
    const { bandwidth, phase } = this.#rate;
    return { bandwidth: bandwidth * 1_000, isLowerBound: phase === 'startup', rttUs: this.#path.rtt.us };
  }

  /** Bytes per second. */
  get rate(): number {
    return this.#rate.rate(0) * 1_000;
  }

  get stats(): UdpSenderStats {
    return {
      sentDatagrams: this.#packets.sentTo,
      resentDatagrams: this.#resent,
      sentBytes: this.sentBytes,
      lostDatagrams: this.#lost,
      inflightBytes: this.#packets.inflightBytes,
      retainedBytes: this.#slots.usedBytes,
      datagramBytes: this.#datagramBytes,
      phase: this.#rate.phase,
      backOffs: this.#rate.backOffs,
      rate: this.rate,
      bandwidth: this.#rate.bandwidth * 1_000,
      rttUs: this.#path.rtt.lastUs,
      minRttUs: this.#path.rtt.us,
      queueUs: this.#path.queue.ms * 1_000,
      standingLoss: this.#rate.standingLoss,
    };
  }

  /** Whether every payload has arrived. */
  get #isIdle(): boolean {
    return this.#packets.inflightBytes === 0 && this.#packets.lostCount === 0;
  }

  get #maxPayload(): number {
    return this.#datagramBytes - this.#extraBytes;
  }

  get #isFull(): boolean {
    const { maxRetainedBytes = DEFAULT_MAX_RETAINED_BYTES } = this.#settings;
    return !this.#slots.hasRoom || this.#slots.usedBytes >= maxRetainedBytes;
  }

  #startRate(initialRate: number | undefined): RateModel {
    const { maxRate, random = Math.random, localInflightBytes } = this.#settings;
    const limits = {
      datagramBytes: this.#datagramBytes,
      maxRate: maxRate === undefined ? undefined : maxRate / 1_000,
    };
    if (localInflightBytes !== undefined)
      return new LocalRate({ ...limits, maxInflightBytes: localInflightBytes });
    return new RateControl({
      ...limits,
      rttMs: this.#path.rtt.us / 1_000,
      reportMs: this.#reportUs / 1_000,
      initialRate: initialRate === undefined ? undefined : initialRate / 1_000,
      random,
    });
  }

  /** Nothing is under way. */
  #onStart(nowUs: number): void {
    if (this.#isMeasured && nowUs - this.#lastSentUs > LONG_PAUSE_US) {
      this.#rate = this.#startRate((this.#rate.bandwidth * 1_000) / 2);
      this.#isMeasured = false;
    }
    this.#waitsSinceUs = nowUs;
    this.#health.onStart(nowUs);
  }

  /** The losses tell nothing about the rate, only about the size. */
  #onBlackHole(): void {
    this.#datagramBytes = Math.min(this.#datagramBytes, MIN_DATAGRAM_BYTES);
    this.#rate = this.#startRate(this.#settings.initialRate);
  }

  #takeNew(): PayloadSlot | undefined {
    if (this.#isFull) return undefined;
    const piece = this.#source.take(this.#maxPayload);
    if (!piece) return undefined;
    const slot = this.#slots.acquire();
    slot.channelId = piece.channelId;
    slot.offset = piece.offset;
    slot.payloadLength = piece.bytes.length;
    slot.isResent = false;
    slot.datagram.set(piece.bytes, this.#slots.payloadStart);
    return slot;
  }

  #sendSlot(slot: PayloadSlot, nowUs: number): boolean {
    const header = this.#header;
    header.type = datagramTypes.data;
    header.packetNumber = this.#packets.sentTo;
    header.channelId = slot.channelId;
    header.offset = slot.offset;
    header.payloadLength = slot.payloadLength;
    header.sendTimeUs = nowUs >>> 0;
    writeDatagramHeader(header, slot.datagram);
    slot.sentBytes = slot.payloadLength + this.#extraBytes;
    if (slot.isResent) this.#onResent(slot.payloadLength);
    slot.isResent = true;
    this.#packets.send(slot);
    this.#pacer.spend(slot.sentBytes);
    this.sentBytes += slot.sentBytes;
    this.#lastSentUs = nowUs;
    return this.#emit(slot.datagram.subarray(0, this.#slots.payloadStart + slot.payloadLength));
  }

  #onResent(bytes: number): void {
    this.#resent += 1;
    this.#source.onResent(bytes);
  }

  #wait(state: SenderState, nowUs: number, rate: number): number {
    this.#state = state;
    if (state === 'empty') this.#path.onAppLimited(this.#packets.sentTo);
    const waits = {
      ready: this.#pacer.waitUs(this.#datagramBytes, rate),
      blocked: BLOCKED_US,
      empty: Infinity,
    };
    return Math.min(waits[state], Math.max(0, this.#senderReportUs - nowUs));
  }

  /** When a sender report is due; Infinity if none is. */
  get #senderReportUs(): number {
    const { sentTo, resolvedTo } = this.#packets;
    if (resolvedTo === sentTo) return Infinity;
    const times = { lastSentUs: this.#lastSentUs, waitsSinceUs: this.#waitsSinceUs };
    const intervals = { rttUs: this.#path.rtt.us, reportUs: this.#reportUs };
    return this.#announcements.dueUs(sentTo, { state: this.#state, ...times, ...intervals });
  }
}
