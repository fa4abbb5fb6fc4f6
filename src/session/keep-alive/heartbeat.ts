/**
 * Heartbeat: tells an idle peer from a dead one, and lets the peer hear that this end lives. A ping is sent when nothing
 * has come for a while, or nothing has gone. Everything that comes proves life, so a peer that is only slow answers the
 * ping; one that stays silent is given up. Bytes that make no frame and no payload prove nothing: a damaged length can
 * make a decoder wait for a header that never ends.
 *
 * Time is counted in ticks, not by the clock: what this process misses while it is busy or stopped is nobody's silence.
 */
import { TransferError } from '../../errors.js';
import type { Endpoint } from '../transport/endpoint.js';
import type { KeepAliveSettings } from './keep-alive-negotiation.js';

// So many that a ping is neither much too early nor too late, however the first of them falls.
const TICKS_IN_IDLE = 4;

/** Who is asked for a sign of life. */
export interface Pinger {
  /** The round trip in milliseconds; rejects when the connection is lost. */
  ping(): Promise<number>;
}

export class Heartbeat {
  readonly #endpoint: Endpoint;
  readonly #pinger: Pinger;
  /** Undefined until it has begun. */
  #settings: KeepAliveSettings | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tickMs = 0;
  #heard = 0;
  /** Bytes that the connection has taken. */
  #bytesTaken = 0;
  /** How many those were when a ping was sent: while they are as many, the ping still waits. */
  #pingedAt: number | undefined;
  /** How long nothing has come, and nothing has come or been asked for, and nothing has gone. */
  #silentMs = 0;
  #unaskedMs = 0;
  #quietMs = 0;

  constructor(endpoint: Endpoint, pinger: Pinger) {
    this.#endpoint = endpoint;
    this.#pinger = pinger;
  }

  /** Whether it watches, or has watched, the connection. */
  get begun(): boolean {
    return this.#settings !== undefined;
  }

  /** Watches the connection until it is closed; anew, with another patience, where it does already. */
  begin(settings: KeepAliveSettings): void {
    if (this.#endpoint.destroyed) return;
    clearInterval(this.#timer);
    if (!this.#settings) this.#endpoint.on('close', () => clearInterval(this.#timer));
    this.#settings = settings;
    this.#tickMs = Math.ceil(Math.min(settings.intervalMs, settings.timeoutMs) / TICKS_IN_IDLE);
    this.#silentMs = this.#unaskedMs = this.#quietMs = 0;
    this.#timer = setInterval(() => this.#tick(settings), this.#tickMs).unref();
  }

  #tick({ intervalMs, timeoutMs }: KeepAliveSettings): void {
    this.#look();
    if (this.#silentMs >= timeoutMs) {
      clearInterval(this.#timer);
      const reason = `Nothing has come from the peer for ${timeoutMs} ms.`;
      this.#endpoint.destroy(new TransferError('ETIMEDOUT', reason));
      return;
    }
    // What has begun just after a tick is seen by the next one only, and the ping must not wait for one more.
    const nextMs = Math.max(this.#unaskedMs, this.#quietMs) + 2 * this.#tickMs;
    if (nextMs > intervalMs) this.#ask();
  }

  #look(): void {
    const { bytesWritten, readableLength, writableLength, writableEnded } = this.#endpoint;
    const bytesTaken = bytesWritten - readableLength;
    const said = bytesTaken !== this.#bytesTaken;
    // A peer that is not read for now, or has said all it had to, lives as long as it takes what it is sent.
    const listens = said && (writableLength > 0 || writableEnded);
    const heard = this.#endpoint.activityCount !== this.#heard || listens;
    this.#heard = this.#endpoint.activityCount;
    this.#bytesTaken = bytesTaken;
    this.#silentMs = heard ? 0 : this.#silentMs + this.#tickMs;
    this.#unaskedMs = heard ? 0 : this.#unaskedMs + this.#tickMs;
    this.#quietMs = said ? 0 : this.#quietMs + this.#tickMs;
  }

  #ask(): void {
    if (this.#pingedAt === this.#bytesTaken) return;
    this.#pingedAt = this.#bytesTaken;
    this.#unaskedMs = this.#quietMs = 0;
    // A ping that fails does so because the connection is over, of which others tell.
    this.#pinger.ping().catch(() => undefined);
  }
}
