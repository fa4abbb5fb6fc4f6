/**
 * The client's half of the handshake: it asks with HELLOs of several sizes, and uses the largest that is answered.
 *
 *     asking -> settling (a HELLO_ACK has arrived, larger ones may follow) -> done: ProbeResult
 *            -> done: undefined (no answer in time)
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
  /** The last known round trip. */
  readonly rttMs: number;
  /** Sends a HELLO and returns its number. */
  send(size: number): number;
  onDone(result: ProbeResult | undefined): void;
}

/** When datagrams count as blocked: after 4 round trips of the connection, within these bounds in ms. */
const ROUND_TRIPS = 4;
const MIN_DEADLINE_MS = 750;
const MAX_DEADLINE_MS = 1_500;

/** When the HELLOs leave, as parts of that time. */
const ATTEMPTS = [0, 1 / 6, 1 / 2];

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
    const ms = Math.min(MAX_DEADLINE_MS, Math.max(MIN_DEADLINE_MS, ROUND_TRIPS * settings.rttMs));
    for (const part of ATTEMPTS) this.#setTimer(() => this.#ask(), part * ms);
    this.#setTimer(() => this.#finish(), ms);
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
    this.#setTimer(() => this.#finish(), ms);
  }

  /** The connection keeps the process alive, not the path. */
  #setTimer(callback: () => void, ms: number): void {
    this.#timers.push(setTimeout(callback, ms).unref());
  }

  #finish(): void {
    if (this.#isDone) return;
    this.stop();
    this.#settings.onDone(this.#best);
  }
}
