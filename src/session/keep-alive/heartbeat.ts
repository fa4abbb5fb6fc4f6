/**
 * Heartbeat: pings an idle peer and closes the connection when the peer stays silent.
 *
 *     nothing received or nothing sent for intervalMs -> ping        nothing received for timeoutMs -> ETIMEDOUT
 *
 * Only decoded frames and payload count as received: a damaged length can make a decoder wait for a header that never
 * ends.
 */
import { TransferError } from '../../errors.js';
import { Ticker } from '../timers/ticker.js';
import type { Endpoint } from '../transport/endpoint.js';
import type { KeepAliveSettings } from './keep-alive-negotiation.js';

const TICKS_PER_INTERVAL = 4;

export interface Pinger {
  /** Resolves with the round-trip time in ms; rejects when the connection is lost. */
  ping(): Promise<number>;
}

export class Heartbeat {
  readonly #endpoint: Endpoint;
  readonly #pinger: Pinger;
  #settings: KeepAliveSettings | undefined;
  #ticker: Ticker | undefined;
  #tickMs = 0;
  #activityCount = 0;
  /** Bytes that the transport has read from the endpoint. */
  #bytesRead = 0;
  /** `#bytesRead` at the last ping: while it is unchanged, the ping is not sent yet. */
  #bytesReadAtPing: number | undefined;
  /** Time since something was received; since something was received or a ping was sent; since something was sent. */
  #silentMs = 0;
  #unprobedMs = 0;
  #sendIdleMs = 0;

  constructor(endpoint: Endpoint, pinger: Pinger) {
    this.#endpoint = endpoint;
    this.#pinger = pinger;
  }

  get started(): boolean {
    return this.#settings !== undefined;
  }

  /** Watches the connection until it is closed. May be called again with other settings. */
  start(settings: KeepAliveSettings): void {
    if (this.#endpoint.destroyed) return;
    this.#ticker?.stop();
    if (!this.#settings) this.#endpoint.on('close', () => this.#ticker?.stop());
    this.#settings = settings;
    this.#tickMs = Math.ceil(Math.min(settings.intervalMs, settings.timeoutMs) / TICKS_PER_INTERVAL);
    this.#silentMs = this.#unprobedMs = this.#sendIdleMs = 0;
    this.#ticker = new Ticker(this.#tickMs, (ms) => this.#tick(settings, ms)).unref();
  }

  #tick({ intervalMs, timeoutMs }: KeepAliveSettings, passedMs: number): void {
    this.#measure(passedMs);
    if (this.#silentMs >= timeoutMs) {
      this.#ticker?.stop();
      const reason = `The peer sent nothing for ${timeoutMs} ms.`;
      this.#endpoint.destroy(new TransferError('ETIMEDOUT', reason));
      return;
    }
    // Silence may have started just after a tick, and the next tick may be too late.
    const nextMs = Math.max(this.#unprobedMs, this.#sendIdleMs) + 2 * this.#tickMs;
    if (nextMs > intervalMs) this.#ping();
  }

  #measure(passedMs: number): void {
    const { activityCount, bytesWritten, readableLength, writableLength, writableEnded } = this.#endpoint;
    const bytesRead = bytesWritten - readableLength;
    const hasSent = bytesRead !== this.#bytesRead;
    // A peer that is not being read, or has ended its side, is alive while it reads what is sent.
    const isReading = hasSent && (writableLength > 0 || writableEnded);
    const isActive = activityCount !== this.#activityCount || isReading;
    this.#activityCount = activityCount;
    this.#bytesRead = bytesRead;
    this.#silentMs = isActive ? 0 : this.#silentMs + passedMs;
    this.#unprobedMs = isActive ? 0 : this.#unprobedMs + passedMs;
    this.#sendIdleMs = hasSent ? 0 : this.#sendIdleMs + passedMs;
  }

  #ping(): void {
    if (this.#bytesReadAtPing === this.#bytesRead) return;
    this.#bytesReadAtPing = this.#bytesRead;
    this.#unprobedMs = this.#sendIdleMs = 0;
    // A ping fails when the connection is lost, which is reported elsewhere.
    this.#pinger.ping().catch(() => undefined);
  }
}
