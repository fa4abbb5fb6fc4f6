/**
 * The client's half of the handshake: it asks with HELLOs of several sizes, and uses the largest that is answered.
 *
 *     asking -> settling (a HELLO_ACK has arrived, larger ones may follow) -> done: ProbeResult
 *            -> done: undefined (no answer within 1.5 s)
 */
import { clearTimeout, setTimeout, type Clock } from '../../clock.js';
import type { HelloAnswer } from './hello-datagrams.js';

export interface ProbeResult {
  readonly size: number;
  readonly token: number;
  readonly rttMs: number;
}

export interface PathProbeSettings {
  /** Ascending. */
  readonly sizes: readonly number[];
  readonly now: Clock;
  /** Sends a HELLO and returns its number. */
  send(size: number): number;
  onDone(result: ProbeResult | undefined): void;
}

/** When the HELLOs leave. */
const ATTEMPTS_MS = [0, 250, 750];

/** When datagrams count as blocked. */
const DEADLINE_MS = 1_500;

/** After the first answer, those to larger HELLOs get half of a round trip, within these bounds in ms. */
const MIN_SETTLING_MS = 20;
const MAX_SETTLING_MS = 250;

export class PathProbe {
  readonly #settings: PathProbeSettings;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #asked = new Map<number, { readonly size: number; readonly sentMs: number }>();
  #best: ProbeResult | undefined;
  #isDone = false;

  /** Sends the first HELLOs at once. */
  constructor(settings: PathProbeSettings) {
    this.#settings = settings;
    for (const ms of ATTEMPTS_MS) this.#timers.push(setTimeout(() => this.#ask(), ms));
    this.#timers.push(setTimeout(() => this.#finish(), DEADLINE_MS));
  }

  onAnswer({ helloNumber, token }: HelloAnswer): void {
    const asked = this.#asked.get(helloNumber);
    if (!asked || this.#isDone) return;
    this.#asked.delete(helloNumber);
    const { sizes, now } = this.#settings;
    const rttMs = Math.min(now() - asked.sentMs, this.#best?.rttMs ?? Infinity);
    const size = Math.max(asked.size, this.#best?.size ?? 0);
    const isFirst = !this.#best;
    this.#best = { size, token, rttMs };
    if (size === sizes.at(-1)) this.#finish();
    else if (isFirst) this.#settle(rttMs);
  }

  /** Sends nothing more, and does not call `onDone`. */
  stop(): void {
    this.#isDone = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #ask(): void {
    if (this.#best) return;
    for (const size of this.#settings.sizes) {
      this.#asked.set(this.#settings.send(size), { size, sentMs: this.#settings.now() });
    }
  }

  #settle(rttMs: number): void {
    const ms = Math.min(MAX_SETTLING_MS, Math.max(MIN_SETTLING_MS, rttMs / 2));
    this.#timers.push(setTimeout(() => this.#finish(), ms));
  }

  #finish(): void {
    if (this.#isDone) return;
    this.stop();
    this.#settings.onDone(this.#best);
  }
}
