/** A row of values that can be found by their keys, and leave from anywhere. */
import { Row, type Place } from './row.js';

export class KeyedRow<Key, Value> {
  readonly #row = new Row<readonly [Key, Value]>();
  readonly #places = new Map<Key, Place<readonly [Key, Value]>>();

  /** How many stand in it. */
  get size(): number {
    return this.#row.length;
  }

  /** The value at the head. */
  get first(): Value | undefined {
    return this.#row.first?.item[1];
  }

  /** The value at the end. */
  get last(): Value | undefined {
    return this.#row.last?.item[1];
  }

  /** The value of a key. */
  get(key: Key): Value | undefined {
    return this.#places.get(key)?.item[1];
  }

  /** Whether there is a value of a key. */
  has(key: Key): boolean {
    return this.#places.has(key);
  }

  /** Puts a value at the end. There must be none of its key. */
  set(key: Key, value: Value): void {
    this.#places.set(key, this.#row.push([key, value]));
  }

  /** Takes out the value of a key. */
  delete(key: Key): void {
    const place = this.#places.get(key);
    if (!place) return;
    this.#places.delete(key);
    this.#row.remove(place);
  }

  /** Takes out the value at the head. */
  shift(): Value | undefined {
    const [key, value] = this.#row.shift() ?? [];
    if (key !== undefined) this.#places.delete(key);
    return value;
  }

  /** Moves the value of a key to the end. */
  moveToEnd(key: Key): void {
    const place = this.#places.get(key);
    if (place) this.#row.moveToEnd(place);
  }

  /** All values, in order. */
  *values(): Generator<Value> {
    for (let place = this.#row.first; place;) {
      const { item, next } = place;
      yield item[1];
      place = next;
    }
  }

  /** Takes out all of them; gives them in order. */
  takeAll(): Value[] {
    const all = [...this.values()];
    for (const key of this.#places.keys()) this.delete(key);
    return all;
  }
}
