/**
 * Lets many slow readers share the places of a connection: while requests wait for one, a download whose reader takes
 * nothing gives up its place, and waits for its reader without one.
 *
 *     onCrowded -> start -> every TURN_MS: makeRoom -> channel.giveUpPlace -> Request waits for its reader
 */
import type { ClientSession } from '../../session/client-session.js';
import { clearInterval, setInterval } from '../../clock.js';

/** A reader that takes nothing between two checks is slow. */
const TURN_MS = 100;

/** Each place that is given up is a cancelled request, of which a server allows 1,000 at once and then 100 per second. */
const BURST = 500;
const PER_TURN = 5;

export class Turns {
  readonly #session: ClientSession;
  #left = BURST;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** Begins to check, until no request waits. */
  start(): void {
    this.#timer ??= setInterval(() => this.#check(), TURN_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    if (!this.#session.isCrowded) return this.stop();
    this.#left = Math.min(BURST, this.#left + PER_TURN);
    this.#left -= this.#session.makeRoom(this.#left);
  }
}
