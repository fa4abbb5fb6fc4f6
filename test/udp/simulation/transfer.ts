/** A sender and a receiver of datagrams over a simulated path, replayable by its seed. */
import { Random } from '../../faults/fixtures/random.js';
import { emptyHeader, parseDatagram } from '../../../src/udp/datagram.js';
import type { ReceiverReport } from '../../../src/udp/report.js';
import { UdpReceiver } from '../../../src/udp/udp-receiver.js';
import { UdpSender } from '../../../src/udp/udp-sender.js';
import type { UdpSenderSettings } from '../../../src/udp/udp-sender-options.js';
import { Bodies, ReceivedBodies } from './bodies.js';
import { Link, type LinkSettings } from './link.js';
import { BusyProcess, type Pauses } from './busy-process.js';
import { OrderedChannel } from './ordered-channel.js';
import { VirtualClock } from './virtual-clock.js';

export interface TransferSettings {
  readonly link: LinkSettings;
  readonly sizes: readonly number[];
  readonly seed: number;
  readonly datagramBytes?: number;
  readonly windowBytes?: number;
  /** Credit travels over TCP, after each of these parts of the window. Default: it is there at once. */
  readonly acksPerWindow?: number;
  /** Nothing arrives over TCP between these times in ms. */
  readonly stallMs?: readonly [from: number, to: number];
  readonly sender?: Partial<UdpSenderSettings>;
  /** The processes are busy with other things at times. */
  readonly pauses?: { readonly sender?: Pauses; readonly receiver?: Pauses };
  /** A path that others use, too, and its clock. */
  readonly shared?: { readonly clock: VirtualClock; readonly link: Link };
}

/** Close to where the sender's clock of 32 bits wraps. */
export const START_US = 2 ** 32 - 1_500_000;

/** The receiver's clock is ahead by this. */
const RECEIVER_AHEAD_US = 7_654_321_987;

/** Timers are at most this precise. */
const TICK_US = 1_000;

const CONNECTION_ID = 0xfeedface;
const EXTRA_BYTES = 8;

export class Transfer {
  readonly clock: VirtualClock;
  readonly link: Link;
  readonly sender: UdpSender;
  readonly receiver: UdpReceiver;
  readonly received: ReceivedBodies;
  readonly reports: ReceiverReport[] = [];
  readonly totalBytes: number;
  maxRetainedBytes = 0;
  maxReassemblyBytes = 0;
  reportCount = 0;
  readonly #startUs: number;
  readonly #bodies: Bodies;
  /** Bytes between two acknowledgements over TCP; 0: at once. */
  readonly #ackBytes: number;
  readonly #acknowledged = new Map<number, number>();
  readonly #random: Random;
  readonly #toReceiver: OrderedChannel;
  readonly #toSender: OrderedChannel;
  readonly #header = emptyHeader();
  readonly #sending: BusyProcess;
  readonly #receiving: BusyProcess;
  #sendAt = Infinity;
  #reportAt = Infinity;

  constructor(settings: TransferSettings) {
    const { link, sizes, seed, windowBytes = 32 * 2 ** 20, stallMs, shared, pauses } = settings;
    this.#random = new Random(seed);
    this.clock = shared?.clock ?? new VirtualClock(START_US);
    this.#sending = new BusyProcess(this.clock, seed + 1, pauses?.sender);
    this.#receiving = new BusyProcess(this.clock, seed + 2, pauses?.receiver);
    this.#startUs = this.clock.now;
    this.link = shared?.link ?? new Link(link, this.clock, this.#random);
    const channel = { rttMs: link.rttMs, loss: link.loss ?? 0, ...(stallMs && { stallMs }) };
    this.#toReceiver = new OrderedChannel(channel, this.clock, this.#random);
    this.#toSender = new OrderedChannel(channel, this.clock, this.#random);
    this.totalBytes = sizes.reduce((sum, size) => sum + size, 0);
    this.#ackBytes = settings.acksPerWindow === undefined ? 0 : windowBytes / settings.acksPerWindow;
    this.#bodies = new Bodies(sizes, windowBytes);
    this.received = new ReceivedBodies(sizes, windowBytes);
    const rttUs = link.rttMs * 1_000 + 300;
    this.receiver = new UdpReceiver({ connectionId: CONNECTION_ID, rttUs, extraBytes: EXTRA_BYTES });
    this.sender = new UdpSender({
      datagramBytes: settings.datagramBytes ?? 1_400,
      connectionId: CONNECTION_ID,
      source: this.#bodies,
      emit: (datagram) => this.#emit(datagram),
      settings: {
        rttUs,
        token: Buffer.from('8 bytes!'),
        random: () => this.#random.next(),
        ...settings.sender,
      },
    });
    this.#send();
  }

  get isDone(): boolean {
    return this.received.receivedBytes >= this.totalBytes;
  }

  get elapsedMs(): number {
    return (this.clock.now - this.#startUs) / 1_000;
  }

  /** Bytes that the source has given to the sender. */
  get sentBodyBytes(): number {
    return this.#bodies.sentBytes;
  }

  get mbitPerSecond(): number {
    return (this.received.receivedBytes * 8) / this.elapsedMs / 1_000;
  }

  /** Datagrams beyond those that a path without loss needs, as a part of them. */
  get extraDatagrams(): number {
    const { resentDatagrams, sentDatagrams } = this.sender.stats;
    return resentDatagrams / (sentDatagrams - resentDatagrams);
  }

  /** Returns whether everything has arrived in time. */
  run(maxMs: number): boolean {
    return this.clock.run(this.#startUs + maxMs * 1_000, () => this.isDone);
  }

  #emit(view: Buffer): boolean {
    // The kernel copies, too.
    const datagram = Buffer.from(view);
    this.link.send(
      datagram.length,
      () => this.#receiving.input(() => this.#onDatagram(datagram)),
      () => {},
    );
    return true;
  }

  #send(): void {
    const waitUs = this.sender.send(this.clock.now);
    const sentTo = this.sender.senderReport(this.clock.now);
    if (sentTo !== undefined) {
      this.#toReceiver.send(() => {
        this.receiver.onSenderReport(sentTo, this.#receiverNow);
        this.#scheduleReport();
      });
    }
    this.maxRetainedBytes = Math.max(this.maxRetainedBytes, this.sender.stats.retainedBytes);
    if (this.isDone || waitUs === Infinity) return;
    const late = this.#random.next() * 300;
    this.#sendAt = this.clock.now + Math.max(TICK_US, waitUs) + late;
    const at = this.#sendAt;
    this.clock.at(at, () => {
      this.#sending.run(() => {
        if (at === this.#sendAt) this.#send();
      });
    });
  }

  get #receiverNow(): number {
    return this.clock.now + RECEIVER_AHEAD_US;
  }

  #onDatagram(datagram: Buffer): void {
    const header = this.#header;
    if (!parseDatagram(datagram, EXTRA_BYTES, header)) throw new Error('A datagram is invalid.');
    if (this.receiver.onDatagram(header, this.#receiverNow) === 'new') this.#onNew(datagram);
    this.#scheduleReport();
  }

  #onNew(datagram: Buffer): void {
    const { channelId, offset, payloadLength } = this.#header;
    const start = datagram.length - payloadLength;
    const next = this.received.add(channelId, offset, datagram.subarray(start));
    this.#acknowledge(channelId, next);
    this.maxReassemblyBytes = Math.max(this.maxReassemblyBytes, this.received.memoryBytes);
  }

  #acknowledge(channelId: number, next: number): void {
    if (this.#ackBytes === 0) return this.#bodies.acknowledge(channelId, next);
    if (next - (this.#acknowledged.get(channelId) ?? 0) < this.#ackBytes) return;
    this.#acknowledged.set(channelId, next);
    this.#toSender.send(() => {
      this.#bodies.acknowledge(channelId, next);
      this.#send();
    });
  }

  #scheduleReport(): void {
    const dueAt = this.receiver.nextReportUs - RECEIVER_AHEAD_US;
    if (dueAt === Infinity) return;
    const at = Math.max(dueAt, this.clock.now);
    if (this.#reportAt >= this.clock.now && this.#reportAt <= at) return;
    this.#reportAt = at;
    this.clock.at(at, () => {
      this.#receiving.run(() => {
        if (at !== this.#reportAt) return;
        this.#reportAt = Infinity;
        this.#report();
      });
    });
  }

  #report(): void {
    const report = this.receiver.report(this.#receiverNow);
    if (report) {
      this.reportCount += 1;
      this.#toSender.send(() => {
        this.#sending.run(() => {
          this.sender.onReport(report, this.clock.now);
          this.#send();
        });
      });
    }
    if (!this.isDone) this.#scheduleReport();
  }
}
