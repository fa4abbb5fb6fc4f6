/**
 * A doubly linked list: adding and removing cost the same everywhere, however long the list is. An array moves all
 * items behind a removed one, and a `Map` finds its first key slowly after many others were removed.
 *
 * A removed node keeps no reference to its item or its neighbours. The tables of a `Map` or `Set` do, which can keep
 * removed items in memory until a major collection (measured: a quarter of the garbage of requests).
 */

/** The position of an item in a list. Only the list changes it. */
export interface Node<Item> {
  /** Valid until the node is removed. */
  item: Item;
  next: Node<Item> | undefined;
  previous: Node<Item> | undefined;
}

export class LinkedList<Item> {
  first: Node<Item> | undefined;
  last: Node<Item> | undefined;
  length = 0;

  /** Appends an item. */
  push(item: Item): Node<Item> {
    const node = { item, next: undefined, previous: undefined };
    this.#append(node);
    return node;
  }

  /** Removes a node of this list. Returns its item. */
  remove(node: Node<Item>): Item {
    const { item } = node;
    this.#unlink(node);
    node.item = undefined as Item;
    return item;
  }

  /** Moves a node of this list to the end. */
  moveToEnd(node: Node<Item>): void {
    this.#unlink(node);
    this.#append(node);
  }

  /** Removes the first item. */
  shift(): Item | undefined {
    return this.first && this.remove(this.first);
  }

  /** Removes the last item. */
  pop(): Item | undefined {
    return this.last && this.remove(this.last);
  }

  /** A copy of the items, in order. */
  items(): Item[] {
    const items: Item[] = [];
    for (let node = this.first; node; node = node.next) items.push(node.item);
    return items;
  }

  /** Removes all items for which `test` returns true. */
  removeAll(test: (item: Item) => boolean): void {
    for (let node = this.first; node;) {
      const { item, next } = node;
      if (test(item)) this.remove(node);
      node = next;
    }
  }

  #append(node: Node<Item>): void {
    node.previous = this.last;
    if (this.last) this.last.next = node;
    else this.first = node;
    this.last = node;
    this.length += 1;
  }

  #unlink(node: Node<Item>): void {
    const { previous, next } = node;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    else this.last = previous;
    node.previous = node.next = undefined;
    this.length -= 1;
  }
}
