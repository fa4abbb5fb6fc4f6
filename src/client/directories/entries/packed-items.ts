/** Plain data that waits for the end of a plan: a million actions take some 20 MB. */
import { TransferError } from '../../../errors.js';
import { packJson, unpackJson } from './pack-json.js';

/** Items that are packed at once, in about a millisecond. */
const PACK_ITEMS = 512;

/** Bytes of what one plan packs, some ten million actions: the server decides how many there are. */
const MAX_PACKED_BYTES = 256 * 1024 * 1024;

/** The bytes that all packed items of a plan take. */
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

export class PackedItems<Item> {
  readonly #packedBytes: PackedBytes;
  readonly #packItems: number;
  readonly #packs: Buffer[] = [];
  #open: Item[] = [];

  /** @param packItems - items that are packed at once; fewer are kept as they are */
  constructor(packedBytes: PackedBytes, packItems = PACK_ITEMS) {
    this.#packedBytes = packedBytes;
    this.#packItems = packItems;
  }

  /** Throws EFLOOD beyond the limit of the plan. */
  push(item: Item): void {
    this.#open.push(item);
    if (this.#open.length < this.#packItems) return;
    const pack = Buffer.from(packJson(this.#open));
    this.#packedBytes.add(pack.length);
    this.#packs.push(pack);
    this.#open = [];
  }

  /** The items in their order. */
  *[Symbol.iterator](): Generator<Item, undefined, undefined> {
    for (const pack of this.#packs) yield* unpackJson(pack) as Item[];
    yield* this.#open;
    return undefined;
  }
}
