/**
 * The open channels of a session, by their ids. A Map alone would keep what has left alive: it replaces its table now and
 * then, an old table leads to the next, and where one has become old garbage, all that stood in those after it grows
 * old with it. So each entry is a slot, which is emptied when its channel leaves, and used again.
 */

interface Slot<Member> {
  member: Member | undefined;
}

/** Slots that wait for their next use, at most. */
const MAX_FREE = 64;

export class Roster<Member extends { readonly id: number }> {
  /** Made for the first: on many connections nothing is asked for long. */
  #slots: Map<number, Slot<Member>> | undefined;
  #free: Slot<Member>[] | undefined;

  get size(): number {
    return this.#slots?.size ?? 0;
  }

  /** The member of an id. */
  get(id: number): Member | undefined {
    return this.#slots?.get(id)?.member;
  }

  /** Adds a member, whose id is new. */
  add(member: Member): void {
    const slot = this.#free?.pop() ?? { member: undefined };
    slot.member = member;
    (this.#slots ??= new Map()).set(member.id, slot);
  }

  /** Takes a member out, if it is there. */
  delete(id: number): void {
    const slot = this.#slots?.get(id);
    if (!slot) return;
    this.#slots?.delete(id);
    slot.member = undefined;
    const free = (this.#free ??= []);
    if (free.length < MAX_FREE) free.push(slot);
  }

  /** All members now, in the order in which they came. */
  members(): Member[] {
    const members: Member[] = [];
    for (const { member } of this.#slots?.values() ?? []) if (member) members.push(member);
    return members;
  }
}
