/**
 * Spreads datagrams over time: a bucket that fills at the rate and holds 4 ms of it. Timers are too coarse for single
 * datagrams; a larger bucket overflows short queues of routers, a smaller one loses rate when a timer is late.
 */

/** Time in ms whose bytes the bucket holds. */
const BUCKET_MS = 4;

/** Datagrams that the bucket holds at least. */
const MIN_BUCKET_DATAGRAMS = 16;

export class Pacer {
  #bytes = 0;
  #filledUs: number | undefined;

  /** Adds what has come in since the last call, at `rate` bytes per ms. */
  fill(nowUs: number, rate: number, datagramBytes: number): void {
    const capacity = Math.max(MIN_BUCKET_DATAGRAMS * datagramBytes, rate * BUCKET_MS);
    const elapsedMs = (nowUs - (this.#filledUs ?? nowUs)) / 1_000;
    this.#bytes = Math.min(this.#bytes + Math.max(0, elapsedMs) * rate, capacity);
    this.#filledUs = nowUs;
  }

  /** Whether a datagram may leave. */
  has(bytes: number): boolean {
    return this.#bytes >= bytes;
  }

  spend(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Time in us until a datagram may leave, at `rate` bytes per ms. */
  waitUs(bytes: number, rate: number): number {
    return (Math.max(0, bytes - this.#bytes) / rate) * 1_000;
  }
}
