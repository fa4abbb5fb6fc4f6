/** The session's side of a path, for tests: bodies to send, and what has arrived. */
import { EventEmitter, once } from 'node:events';
import type { BodyPath, BodyPathHost, PathConfirmation } from '../../../src/udp/body-path.js';
import type { BodyPiece } from '../../../src/udp/body-source.js';
import type { ReceiverReport } from '../../../src/udp/report.js';

/** Frames that travel over TCP: in order, later. */
export type ControlFrame = (path: BodyPath) => void;

interface Body {
  readonly bytes: Uint8Array;
  taken: number;
}

interface Arrived {
  readonly bytes: Buffer;
  readonly has: Uint8Array;
  count: number;
}

export class TestHost extends EventEmitter implements BodyPathHost {
  /** Why the path has failed. */
  broken: string | undefined;
  isNetwork: boolean | undefined;
  unacknowledged: BodyPiece[] = [];
  confirmations: PathConfirmation[] = [];
  reports: ReceiverReport[] = [];
  canReport = true;
  /** Bytes that arrived more than once, and pieces that belong to no body. */
  repeatedBytes = 0;
  unexpected = 0;
  resentBytes = 0;
  /** Whether the path is to drop what arrives. */
  isOverLimit = false;
  readonly #sendFrame: (frame: ControlFrame) => void;
  readonly #bodies = new Map<number, Body>();
  readonly #arrived = new Map<number, Arrived>();

  constructor(sendFrame: (frame: ControlFrame) => void) {
    super();
    this.#sendFrame = sendFrame;
  }

  /** A body to send. Call `path.wake()` afterwards. */
  add(channelId: number, bytes: Uint8Array): void {
    this.#bodies.set(channelId, { bytes, taken: 0 });
  }

  /** A body will arrive. Resolves when all of it has. */
  async expect(channelId: number, length: number): Promise<Buffer> {
    const arrived = { bytes: Buffer.alloc(length), has: new Uint8Array(length), count: 0 };
    this.#arrived.set(channelId, arrived);
    await once(this, `complete ${channelId}`);
    return arrived.bytes;
  }

  take(maxBytes: number): BodyPiece | undefined {
    for (const [channelId, body] of this.#bodies) {
      const { taken: offset } = body;
      const bytes = body.bytes.subarray(offset, offset + maxBytes);
      if (bytes.length === 0) continue;
      body.taken += bytes.length;
      return { channelId, offset, bytes };
    }
    return undefined;
  }

  onResent(bytes: number): void {
    this.resentBytes += bytes;
  }

  receive({ channelId, offset, bytes }: BodyPiece): void {
    const arrived = this.#arrived.get(channelId);
    if (!arrived || offset + bytes.length > arrived.bytes.length) {
      this.unexpected += 1;
      return;
    }
    arrived.bytes.set(bytes, offset);
    const range = arrived.has.subarray(offset, offset + bytes.length);
    const known = range.reduce((sum, has) => sum + has, 0);
    this.repeatedBytes += known;
    arrived.count += bytes.length - known;
    range.fill(1);
    this.emit('piece');
    if (arrived.count === arrived.bytes.length) this.emit(`complete ${channelId}`);
  }

  sendReceiverReport(report: ReceiverReport): void {
    this.reports.push(report);
    this.#sendFrame((path) => path.onReceiverReport(report));
  }

  sendSenderReport(sentTo: number): void {
    this.#sendFrame((path) => path.onSenderReport(sentTo));
  }

  sendPathConfirmation(confirmation: PathConfirmation): void {
    this.confirmations.push(confirmation);
    this.#sendFrame((path) => path.onPathConfirmation(confirmation));
    this.emit('open');
  }

  onBroken(reason: string, unacknowledged: Iterable<BodyPiece>, isNetwork: boolean): void {
    if (this.broken !== undefined) throw new Error('A path fails once.');
    this.broken = reason;
    this.isNetwork = isNetwork;
    this.unacknowledged = [...unacknowledged];
    this.emit('broken');
  }
}
