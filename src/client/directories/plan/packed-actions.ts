/** Actions that wait for the end of the plan: a million of them take some 20 MB. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SyncAction } from '../sync-action.js';

/** Actions that are packed at once, in about a millisecond. */
const PACK_ACTIONS = 512;

export class PackedActions<Action extends SyncAction> {
  readonly #packs: Buffer[] = [];
  #open: Action[] = [];

  push(action: Action): void {
    this.#open.push(action);
    if (this.#open.length < PACK_ACTIONS) return;
    this.#packs.push(deflateRawSync(JSON.stringify(this.#open), { level: 1 }));
    this.#open = [];
  }

  /** The actions in their order. */
  *[Symbol.iterator](): Generator<Action, undefined, undefined> {
    for (const pack of this.#packs) yield* JSON.parse(inflateRawSync(pack).toString()) as Action[];
    yield* this.#open;
    return undefined;
  }
}
