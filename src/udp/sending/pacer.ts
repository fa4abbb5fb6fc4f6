/**
 * Spreads datagrams over time: a bucket that fills at the rate and holds 4 ms of it. Timers are too coarse for single
 * datagrams; a larger bucket overflows short queues of routers. What a late timer makes overflow the bucket is sent a
 * little later, at a rate that is higher by a quarter, so that a busy process keeps its rate.
 */

/** Time in ms whose bytes the bucket holds. */
const BUCKET_MS = 4;

/** Datagrams that the bucket holds at least. */
const MIN_BUCKET_DATAGRAMS = 16;

/** Time in ms of which an overflow is sent later, and the part of the rate with which it is. */
const MAX_OVERFLOW_MS = 40;
const CATCH_UP_PART = 0.25;

export class Pacer {
  #bytes = 0;
  #overflowBytes = 0;
  #filledUs: number | undefined;

  /**
   * Adds what has come in since the last call, at `rate` bytes per ms.
   *
   * @param isLate - whether datagrams have waited for this call: otherwise an overflow is of no use
   */
  fill(
    nowUs: number,
    rate: number,
    { datagramBytes, isLate }: { datagramBytes: number; isLate: boolean },
  ): void {
    const capacity = Math.max(MIN_BUCKET_DATAGRAMS * datagramBytes, rate * BUCKET_MS);
    const bytes = Math.max(0, (nowUs - (this.#filledUs ?? nowUs)) / 1_000) * rate;
    const caughtUp = Math.min(this.#overflowBytes, Math.min(bytes, capacity) * CATCH_UP_PART);
    const filled = this.#bytes + bytes + caughtUp;
    this.#bytes = Math.min(filled, capacity);
    const overflow = this.#overflowBytes - caughtUp + filled - this.#bytes;
    this.#overflowBytes = isLate ? Math.min(overflow, rate * MAX_OVERFLOW_MS) : 0;
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
