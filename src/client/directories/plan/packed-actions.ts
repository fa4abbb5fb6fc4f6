/** Actions that wait for the end of the plan: a million of them take some 20 MB. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { TransferError } from '../../../errors.js';
import type { SyncAction } from '../sync-action.js';

/** Actions that are packed at once, in about a millisecond. */
const PACK_ACTIONS = 512;

/** Bytes of the packed actions of one plan, some ten million: the server decides how many there are. */
const MAX_PACKED_BYTES = 256 * 1024 * 1024;

/** The bytes that all packed actions of a plan take. */
export class PackedBytes {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_PACKED_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Throws EFLOOD if there are too many. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes)
      throw new TransferError(
        'EFLOOD',
        `The actions that wait for the end of the plan take more than ${this.#maxBytes} bytes.`,
      );
  }
}

export class PackedActions<Action extends SyncAction> {
  readonly #packedBytes: PackedBytes;
  readonly #packs: Buffer[] = [];
  #open: Action[] = [];

  constructor(packedBytes: PackedBytes) {
    this.#packedBytes = packedBytes;
  }

  /** Throws EFLOOD beyond the limit of the plan. */
  push(action: Action): void {
    this.#open.push(action);
    if (this.#open.length < PACK_ACTIONS) return;
    const pack = deflateRawSync(JSON.stringify(this.#open), { level: 1 });
    this.#packedBytes.add(pack.length);
    this.#packs.push(pack);
    this.#open = [];
  }

  /** The actions in their order. */
  *[Symbol.iterator](): Generator<Action, undefined, undefined> {
    for (const pack of this.#packs) yield* JSON.parse(inflateRawSync(pack).toString()) as Action[];
    yield* this.#open;
    return undefined;
  }
}
