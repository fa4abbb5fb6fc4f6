/**
 * A row: who comes goes to its end, and may leave from anywhere. Each step costs the same however many stand in it: an
 * array moves all that is behind what is taken out, and a Map finds its first key slowly where many were before it.
 *
 * Who leaves is let go of, and so is its neighbour. A Map or Set does not: it replaces its table now and then, the old
 * table leads to the new one, and once one of them has become old garbage, all that ever stood in those after it grows
 * old with it. Of what requests leave behind, a quarter did.
 */

/** Where something stands in a row. What is behind it can be asked for as long as it stands there. */
export interface Node<Item> {
  /** To be asked for only as long as it stands there. */
  readonly item: Item;
  readonly next: Node<Item> | undefined;
}

interface Link<Item> {
  item: Item | undefined;
  before: Link<Item> | undefined;
  next: Link<Item> | undefined;
}

export class LinkedList<Item> {
  #first: Link<Item> | undefined;
  #last: Link<Item> | undefined;
  #length = 0;

  /** How many stand in it. */
  get length(): number {
    return this.#length;
  }

  /** The place at the head. */
  get first(): Node<Item> | undefined {
    return this.#first as Node<Item> | undefined;
  }

  /** The place at the end. */
  get last(): Node<Item> | undefined {
    return this.#last as Node<Item> | undefined;
  }

  /** Puts something at the end: at a new place, or at one that was left before. */
  push(item: Item, left?: Node<Item>): Node<Item> {
    const link = (left as Link<Item> | undefined) ?? { item, before: undefined, next: undefined };
    link.item = item;
    this.#append(link);
    return link as Node<Item>;
  }

  /** Takes out what stands at a place of this row; once. */
  remove(place: Node<Item>): void {
    const link = place as Link<Item>;
    this.#unlink(link);
    link.item = undefined;
  }

  /** Moves a place of this row to the end. */
  moveToEnd(place: Node<Item>): void {
    const link = place as Link<Item>;
    this.#unlink(link);
    this.#append(link);
  }

  #unlink(link: Link<Item>): void {
    const { before, next } = link;
    if (before) before.next = next;
    else this.#first = next;
    if (next) next.before = before;
    else this.#last = before;
    link.before = link.next = undefined;
    this.#length -= 1;
  }

  /** Takes out what stands at the head. */
  shift(): Item | undefined {
    const first = this.#first;
    const item = first?.item;
    if (first) this.remove(first as Node<Item>);
    return item;
  }

  /** Takes out what stands at the end. */
  pop(): Item | undefined {
    const last = this.#last;
    const item = last?.item;
    if (last) this.remove(last as Node<Item>);
    return item;
  }

  /** All that stands in it now, in order. */
  items(): Item[] {
    const items: Item[] = [];
    for (let place = this.first; place; place = place.next) items.push(place.item);
    return items;
  }

  /** Takes out all that a test is true of. */
  removeAll(test: (item: Item) => boolean): void {
    for (let place = this.#first; place;) {
      const { item, next } = place;
      if (item !== undefined && test(item)) this.remove(place as Node<Item>);
      place = next;
    }
  }

  #append(link: Link<Item>): void {
    link.before = this.#last;
    link.next = undefined;
    if (this.#last) this.#last.next = link;
    else this.#first = link;
    this.#last = link;
    this.#length += 1;
  }
}
