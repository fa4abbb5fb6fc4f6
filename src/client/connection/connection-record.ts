/**
 * What a connection was good for. It decides when the next one is made, and whether the progress of a request on it counts:
 * a server that ends each connection after a few bytes must cause neither a loop of connections nor a request without end.
 */
import { systemClock, type Clock } from '../../clock.js';
import type { TransferError } from '../../errors.js';

/** Time after which progress on a connection is worth another one soon, in ms. */
const BRIEF_MS = 1_000;

/** Progress that is worth another connection soon, however short this one was. */
const USEFUL_BYTES = 64 * 1024;

const violations = new Set(['EPROTO', 'EBADMSG', 'EFLOOD', 'EMSGSIZE']);

export class ConnectionRecord {
  /** Whether a request has made progress: a byte, an acknowledged byte, or an answer. */
  progressed = false;
  readonly #lastingMs: number;
  readonly #clock: Clock;
  #bytes = 0;
  #openedMs = Infinity;

  constructor(maxDelayMs: number, clock: Clock = systemClock) {
    this.#lastingMs = Math.max(BRIEF_MS, maxDelayMs);
    this.#clock = clock;
  }

  onOpen(): void {
    this.#openedMs = this.#clock();
  }

  /** The server has answered a request. */
  onAnswer(): void {
    this.onBytes(USEFUL_BYTES);
  }

  /** How much further one request has got on this connection, in bytes; counted when it is interrupted. */
  onBytes(bytes: number): void {
    this.progressed ||= bytes > 0;
    this.#bytes += bytes;
  }

  /** Whether the delays between connections start over after this one. */
  wasUseful(error: TransferError | undefined): boolean {
    if (this.#lastedMs >= this.#lastingMs) return true;
    if (isViolation(error)) return false;
    return this.#bytes >= USEFUL_BYTES || (this.progressed && this.#lastedMs >= BRIEF_MS);
  }

  /** Whether a request that has made progress on this connection starts its attempts and its time over. */
  countsProgress(error: TransferError): boolean {
    return !isViolation(error) || this.#lastedMs >= this.#lastingMs;
  }

  get #lastedMs(): number {
    return this.#clock() - this.#openedMs;
  }
}

function isViolation(error: TransferError | undefined): boolean {
  return error !== undefined && violations.has(error.code);
}
