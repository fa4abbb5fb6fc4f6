/**
 * The receiving end of the datagrams of one connection: which datagrams are new, and when to report what to their sender.
 * It keeps no payload; `Reassembly` puts that in order.
 *
 *     datagram -> parseDatagram -> onDatagram: 'new' -> Reassembly of the channel
 *     nextReportUs -> report -> frame receiver-report
 *     frame sender-report -> onSenderReport
 */
import { protocolError } from '../errors.js';
import { HEADER_BYTES, type DatagramHeader } from './datagram.js';
import { ReceivedPackets } from './receiving/received-packets.js';
import type { ReceiverReport } from './report.js';

export interface UdpReceiverSettings {
  /** The id in the headers of this connection. */
  readonly connectionId: number;
  /** The round trip in us, as the handshake has measured it. */
  readonly rttUs: number;
  /** Bytes of a datagram besides header and payload. Default 0. */
  readonly extraBytes?: number | undefined;
  /** Bytes after which a report is due at once; for a local peer an eighth of the receive buffer. Default Infinity. */
  readonly bytesPerReport?: number | undefined;
}

/** `rejected`: of another connection, or with a number that the sender may not use yet. */
export type DatagramResult = 'new' | 'duplicate' | 'rejected';

export class UdpReceiver {
  readonly #packets: ReceivedPackets;
  readonly #connectionId: number;
  readonly #extraBytes: number;
  readonly #bytesPerReport: number;
  #intervalUs = 0;
  #lastReportUs = -Infinity;
  #reportedTo = 0;
  #bytes = 0;
  #reportedBytes = 0;
  #lastArrivalUs = 0;
  #lastSendTimeUs = 0;
  #minOwdUs: number | undefined;
  /** Datagrams that arrived twice, and those that arrived after they were reported as lost. */
  duplicates = 0;
  lateArrivals = 0;

  constructor(settings: UdpReceiverSettings) {
    this.#packets = new ReceivedPackets(settings.rttUs);
    this.#connectionId = settings.connectionId;
    this.#extraBytes = settings.extraBytes ?? 0;
    this.#bytesPerReport = settings.bytesPerReport ?? Infinity;
    this.setRtt(settings.rttUs);
  }

  /** Another measurement of the round trip, in us. */
  setRtt(rttUs: number): void {
    this.#packets.setRtt(rttUs);
    this.#intervalUs = reportIntervalUs(rttUs);
  }

  /** Handles the header of a datagram of type `data`. The payload is only to be used if it is `new`. */
  onDatagram(header: Readonly<DatagramHeader>, nowUs: number): DatagramResult {
    if (header.connectionId !== this.#connectionId) return 'rejected';
    const arrival = this.#packets.add(header.packetNumber, nowUs);
    if (arrival === 'beyond') return 'rejected';
    if (arrival === 'duplicate') {
      this.duplicates += 1;
      return 'duplicate';
    }
    if (arrival === 'late') this.lateArrivals += 1;
    this.#bytes += HEADER_BYTES + this.#extraBytes + header.payloadLength;
    this.#lastArrivalUs = nowUs;
    this.#lastSendTimeUs = header.sendTimeUs;
    const owdUs = ((nowUs >>> 0) - header.sendTimeUs) | 0;
    if (this.#minOwdUs === undefined || owdUs < this.#minOwdUs) this.#minOwdUs = owdUs;
    return 'new';
  }

  /** The sender has sent all packets below this number. Throws EPROTO if it may not have. */
  onSenderReport(sentTo: number, nowUs: number): void {
    if (Number.isSafeInteger(sentTo) && sentTo >= 0 && this.#packets.announce(sentTo, nowUs)) return;
    throw protocolError(
      `The sender report has ${sentTo}, but only ${this.#packets.resolvedTo} are resolved.`,
    );
  }

  /** When the next report is due, in us: in the past if at once, Infinity if there is nothing to report. */
  get nextReportUs(): number {
    const newBytes = this.#bytes - this.#reportedBytes;
    if (newBytes >= this.#bytesPerReport) return -Infinity;
    const next = this.#lastReportUs + this.#intervalUs;
    const hasNews = newBytes > 0 || this.#packets.resolvedTo > this.#reportedTo;
    return hasNews ? next : Math.max(next, this.#packets.nextResolveUs);
  }

  /** What is new since the last report; `undefined` if nothing is. */
  report(nowUs: number): ReceiverReport | undefined {
    const gaps = this.#packets.resolve(nowUs);
    const { resolvedTo } = this.#packets;
    if (resolvedTo === this.#reportedTo && this.#bytes === this.#reportedBytes) return undefined;
    this.#lastReportUs = nowUs;
    this.#reportedTo = resolvedTo;
    this.#reportedBytes = this.#bytes;
    const minOwdUs = this.#minOwdUs;
    this.#minOwdUs = undefined;
    return {
      resolvedTo,
      bytesReceived: this.#bytes,
      lastArrivalUs: this.#lastArrivalUs >>> 0,
      lastSendTimeUs: this.#lastSendTimeUs,
      minOwdUs,
      holdUs: (nowUs - this.#lastArrivalUs) >>> 0,
      gaps,
    };
  }
}

/** Time in us between reports: a quarter of the round trip, between 10 and 50 ms. */
export function reportIntervalUs(rttUs: number): number {
  return Math.max(10_000, Math.min(50_000, rttUs / 4));
}
