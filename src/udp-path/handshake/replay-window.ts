/** Refuses numbers that were seen, and those too old to know, as IPsec does (RFC 4303, 3.4.3). */

const WINDOW = 64;

export class ReplayWindow {
  readonly #seen = new Array<number>(WINDOW).fill(-1);
  #highest = -1;

  /** Returns true once for each number. */
  accept(number: number): boolean {
    if (number <= this.#highest - WINDOW || this.#seen[number % WINDOW] === number) return false;
    this.#seen[number % WINDOW] = number;
    this.#highest = Math.max(this.#highest, number);
    return true;
  }
}
