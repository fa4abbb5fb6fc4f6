/**
 * Finds paths that do not carry datagrams: none arrives, most are lost, or only the large ones are. Times are in us.
 */
import type { Resolved } from './sent-packets.js';

/** `silent`: datagrams leave and none arrives. `lossy`: more than half of them are lost. */
export type FallBackReason = 'silent' | 'lossy';

/** Time without an arrival: 3 s, or 10 round trips if that is longer. */
const SILENT_US = 3_000_000;
const SILENT_ROUND_TRIPS = 10;

/** The part of it that smaller datagrams have at least. */
const SMALLER_PART = 0.5;

/** The loss that is too much, the time over which it is counted, and packets without which a ratio says nothing. */
const MAX_LOSS = 0.5;
const LOSS_PERIOD_US = 5_000_000;
const MIN_PACKETS = 50;

/** Reports in a row with large datagrams of which none has arrived. */
const BLACK_HOLE_REPORTS = 3;

export class PathHealth {
  #waitsSinceUs = 0;
  #periodStartUs = 0;
  #received = 0;
  #lost = 0;
  #isLossy = false;
  #smallerSinceUs = -Infinity;
  #reportsWithoutLarge = 0;

  /** Datagrams leave after a time in which none was under way. */
  onStart(nowUs: number): void {
    this.#waitsSinceUs = nowUs;
    if (this.#received + this.#lost === 0) this.#periodStartUs = nowUs;
  }

  /** Adds a report. */
  onReport(resolved: Resolved, hasArrivals: boolean, nowUs: number): void {
    if (hasArrivals) this.#waitsSinceUs = nowUs;
    if (resolved.receivedLarge > 0) this.#reportsWithoutLarge = 0;
    else if (resolved.lostLarge > 0) this.#reportsWithoutLarge += 1;
    this.#received += resolved.received;
    this.#lost += resolved.lost;
    if (nowUs - this.#periodStartUs < LOSS_PERIOD_US) return;
    const packets = this.#received + this.#lost;
    this.#isLossy = packets >= MIN_PACKETS && this.#lost > packets * MAX_LOSS;
    this.#periodStartUs = nowUs;
    this.#received = this.#lost = 0;
  }

  /** Whether datagrams of the present size do not arrive. After that, those of a smaller size are counted. */
  takeBlackHole(nowUs: number): boolean {
    if (this.#reportsWithoutLarge < BLACK_HOLE_REPORTS) return false;
    this.#reportsWithoutLarge = 0;
    this.#smallerSinceUs = this.#periodStartUs = nowUs;
    this.#received = this.#lost = 0;
    return true;
  }

  /** Why to send over TCP instead, while datagrams are under way. */
  fallBackReason(nowUs: number, rttUs: number): FallBackReason | undefined {
    const silentUs = Math.max(SILENT_US, SILENT_ROUND_TRIPS * rttUs);
    const hadTime = nowUs - this.#smallerSinceUs > silentUs * SMALLER_PART;
    if (hadTime && nowUs - this.#waitsSinceUs > silentUs) return 'silent';
    return this.#isLossy ? 'lossy' : undefined;
  }
}
