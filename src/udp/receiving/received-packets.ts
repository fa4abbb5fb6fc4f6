/**
 * Which packet numbers have arrived. A missing number is lost if a later one has arrived and the reorder window has
 * passed, or if the sender has told that it was sent.
 *
 *     numbers:  ... known forever | resolvedTo ... missing and arrived ones ... | not seen yet
 *
 * A lost packet may still arrive: it is used, and the window doubles.
 */
import { MAX_REPORTED_GAPS, MAX_SPAN_PACKETS, type Gap } from '../report.js';

/** `late`: after it was reported as lost. `beyond`: further ahead than a sender may be. */
export type Arrival = 'new' | 'late' | 'duplicate' | 'beyond';

/** Everything missing below `to` is lost once the reorder window after `us` has passed. */
interface Mark {
  to: number;
  readonly us: number;
}

/** Numbers of which it is known whether they have arrived: all that may be missing, and as many before. */
const HISTORY = 2 * MAX_SPAN_PACKETS;

/** Marks that are closer together than this part of the window become one. */
const MARKS_A_WINDOW = 8;

/** More marks, which only a flood of sender reports makes, become one. */
const MAX_MARKS = 64;

/** What was announced over TCP waits at least this long for datagrams that were overtaken. */
const MIN_ANNOUNCED_US = 5_000;

export class ReceivedPackets {
  /** Every number below has arrived or is lost. */
  resolvedTo = 0;
  /** One bit for each number of the history, at the number modulo its length. */
  readonly #bits = new Uint32Array(HISTORY / 32);
  /** One more than the highest number that was seen or announced. */
  #end = 0;
  #lostBelow = 0;
  #marks: Mark[] = [];
  #reorderUs = 0;
  #maxReorderUs = 0;
  #isLate = false;

  constructor(rttUs: number) {
    this.setRtt(rttUs);
  }

  /** Time in us that a packet may arrive after a later one. */
  get reorderUs(): number {
    return this.#reorderUs;
  }

  /** When more can be resolved, in us; Infinity if nothing is missing. */
  get nextResolveUs(): number {
    if (this.resolvedTo < this.#lostBelow) return -Infinity;
    const [mark] = this.#marks;
    return mark ? mark.us + this.#reorderUs : Infinity;
  }

  /** Sets the bounds of the reorder window: an eighth of the round trip, between 1 and 20 ms, and half of it. */
  setRtt(rttUs: number): void {
    const shortest = Math.max(1_000, Math.min(20_000, rttUs / 8));
    this.#maxReorderUs = Math.max(shortest, rttUs / 2);
    this.#reorderUs = Math.min(Math.max(this.#reorderUs, shortest), this.#maxReorderUs);
  }

  /** A packet has arrived. */
  add(number: number, nowUs: number): Arrival {
    if (number >= this.#end) return this.#addAhead(number, nowUs);
    if (number < this.#end - HISTORY || this.#has(number)) return 'duplicate';
    this.#set(number);
    if (number >= this.resolvedTo) return 'new';
    this.#isLate = true;
    return 'late';
  }

  /** The sender has sent all numbers below `sentTo`. Returns false if it may not have. */
  announce(sentTo: number, nowUs: number): boolean {
    if (sentTo > this.resolvedTo + MAX_SPAN_PACKETS) return false;
    if (sentTo > this.#end) this.#extend(sentTo);
    if (sentTo > this.resolvedTo) this.#mark(sentTo, nowUs + Math.max(0, MIN_ANNOUNCED_US - this.#reorderUs));
    return true;
  }

  /** Resolves what is due. Returns the lost packets, each once. */
  resolve(nowUs: number): Gap[] {
    if (this.#isLate) this.#reorderUs = Math.min(this.#reorderUs * 2, this.#maxReorderUs);
    this.#isLate = false;
    while (this.#marks[0] && this.#marks[0].us + this.#reorderUs <= nowUs) {
      this.#lostBelow = Math.max(this.#lostBelow, this.#marks.shift()?.to ?? 0);
    }
    const gaps: Gap[] = [];
    this.#skipArrived();
    while (this.resolvedTo < this.#lostBelow && gaps.length < MAX_REPORTED_GAPS) {
      const start = this.resolvedTo;
      while (this.resolvedTo < this.#lostBelow && !this.#has(this.resolvedTo)) this.resolvedTo += 1;
      gaps.push([start, this.resolvedTo - start]);
      this.#skipArrived();
    }
    return gaps;
  }

  #addAhead(number: number, nowUs: number): Arrival {
    if (number >= this.resolvedTo + MAX_SPAN_PACKETS) return 'beyond';
    if (number > this.#end) this.#mark(number, nowUs);
    // Without a gap nothing is missing: the way of almost every packet.
    else if (number === this.resolvedTo) this.resolvedTo += 1;
    this.#extend(number + 1);
    this.#set(number);
    return 'new';
  }

  #mark(to: number, us: number): void {
    const last = this.#marks.at(-1);
    const isClose = last && us < last.us + this.#reorderUs / MARKS_A_WINDOW;
    if (!isClose && this.#marks.length < MAX_MARKS) this.#marks.push({ to, us });
    else if (last) last.to = Math.max(last.to, to);
  }

  #skipArrived(): void {
    while (this.resolvedTo < this.#end && this.#has(this.resolvedTo)) this.resolvedTo += 1;
  }

  /** Moves the end of the seen numbers; none of the new ones has arrived. */
  #extend(end: number): void {
    for (let number = this.#end; number < end;) {
      const isWholeWord = number % 32 === 0 && end - number >= 32;
      if (isWholeWord) this.#bits[(number % HISTORY) / 32] = 0;
      else this.#clear(number);
      number += isWholeWord ? 32 : 1;
    }
    this.#end = end;
  }

  #has(number: number): boolean {
    const at = number % HISTORY;
    return ((this.#bits[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0;
  }

  #set(number: number): void {
    const at = number % HISTORY;
    this.#bits[at >>> 5] = (this.#bits[at >>> 5] ?? 0) | (1 << (at & 31));
  }

  #clear(number: number): void {
    const at = number % HISTORY;
    this.#bits[at >>> 5] = (this.#bits[at >>> 5] ?? 0) & ~(1 << (at & 31));
  }
}
