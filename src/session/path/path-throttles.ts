/**
 * The bandwidth limits of a connection for bodies over its UDP path. Bytes to send wait, as over TCP. Datagrams that arrive
 * cannot wait: they are charged at once, and the sender gets credit for more when they are paid for.
 *
 *     maySend? -> piece -> onSent -> [paidAt] -> wake
 *     datagram -> onReceived;  ack -> grant -> [paidAt] -> sendFrame
 */
import type { FrameOf } from '../../protocol/frames.js';
import type { Throttle } from '../transport/throttle.js';

export interface Throttles {
  readonly sending?: Throttle | undefined;
  readonly receiving?: Throttle | undefined;
}

export interface PathThrottlesHost {
  /** Bytes may be sent again. */
  wake(): void;
  sendFrame(frame: FrameOf<'ack'>): void;
}

/**
 * Bytes of datagrams that arrived and are not paid for, in ms of the limit: the frames of the connection wait behind them.
 * Further datagrams are dropped, which happens if many connections that share a limit begin at once.
 */
const MAX_UNPAID_MS = 2_000;

export class PathThrottles {
  readonly #throttles: Throttles;
  readonly #host: PathThrottlesHost;
  /** What is left of the piece that may leave at once: as many bytes as over TCP, so that both ways have equal turns. */
  #pieceBytes = 0;
  /** The latest credit of each channel that waits, by its id. */
  readonly #grants = new Map<number, FrameOf<'ack'>>();

  constructor(throttles: Throttles, host: PathThrottlesHost) {
    this.#throttles = throttles;
    this.#host = host;
  }

  /** Whether new bytes may leave. If not, `wake` follows. */
  maySend(): boolean {
    const { sending } = this.#throttles;
    if (!sending || this.#pieceBytes > 0) return true;
    if (sending.isThrottled) {
      sending.onReady(this.#wake);
      return false;
    }
    this.#pieceBytes = sending.pieceBytes;
    return true;
  }

  /** Charges bytes that have left, also those that leave again: they do not wait, because others wait for them. */
  onSent(bytes: number): void {
    this.#pieceBytes -= bytes;
    this.#throttles.sending?.consume(bytes);
  }

  onReceived(bytes: number): void {
    this.#throttles.receiving?.consume(bytes);
  }

  /** Whether a datagram that arrives is to be dropped. */
  get isOverLimit(): boolean {
    const { receiving } = this.#throttles;
    return receiving !== undefined && receiving.unpaidMs > MAX_UNPAID_MS;
  }

  /** Sends credit, at once or when the bytes that have arrived are paid for. */
  grant(frame: FrameOf<'ack'>): void {
    const { receiving } = this.#throttles;
    if (receiving?.isThrottled !== true) return this.#host.sendFrame(frame);
    this.#grants.set(frame.id, frame);
    receiving.onReady(this.#sendGrants);
  }

  /** Forgets the credit of a channel that has ended. */
  drop(channelId: number): void {
    this.#grants.delete(channelId);
  }

  /** Sends all credit that waits: bodies return to the connection. */
  release(): void {
    for (const frame of this.#grants.values()) this.#host.sendFrame(frame);
    this.#grants.clear();
  }

  readonly #wake = (): void => this.#host.wake();

  readonly #sendGrants = (): void => {
    const { receiving } = this.#throttles;
    // More bytes have arrived on credit that was granted before.
    if (this.#grants.size > 0 && receiving?.isThrottled === true) receiving.onReady(this.#sendGrants);
    else this.release();
  };
}
