/** A set of names that says "perhaps": a bit for the hash of each, so that a million names take 4 MiB. */

/** Bits for a name: at most one name in 32 is taken for another one. */
const BITS_PER_NAME = 32;

export class NameBits {
  readonly #words: Uint32Array;
  readonly #mask: number;
  #isEmpty = true;

  constructor(maxNames: number) {
    const bits = 2 ** Math.max(5, Math.ceil(Math.log2(maxNames * BITS_PER_NAME)));
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add(name: string): void {
    const bit = hashOf(name) & this.#mask;
    this.#words[bit >>> 5] = (this.#words[bit >>> 5] ?? 0) | (1 << (bit & 31));
    this.#isEmpty = false;
  }

  /** False only if the name was not added. */
  mayHave(name: string): boolean {
    const bit = hashOf(name) & this.#mask;
    return ((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }
}

/** FNV-1a over code units, with the end of MurmurHash3, which mixes the low bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
