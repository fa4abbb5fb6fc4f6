/** Bounds the memory of the server's directories that a walk has found and not left: a server can list many in each level. */
import { TransferError } from '../../../errors.js';
import type { DirectoryPair } from '../plan/directory-pair.js';

export interface WaitingLimits {
  readonly directories: number;
  /** Characters of the paths and etags of all of them. */
  readonly textLength: number;
}

/** About 1 GB of memory. */
const LIMITS: WaitingLimits = { directories: 2_000_000, textLength: 256 * 1024 * 1024 };

export class WaitingDirectories {
  readonly #remoteSide: 'source' | 'target';
  readonly #limits: WaitingLimits;
  #directories = 0;
  #textLength = 0;

  constructor(remoteSide: 'source' | 'target', limits = LIMITS) {
    this.#remoteSide = remoteSide;
    this.#limits = limits;
  }

  /** Throws EFLOOD if there are too many, or if their texts are too long. */
  add(pair: DirectoryPair): void {
    if (!pair[this.#remoteSide]) return;
    this.#directories += 1;
    this.#textLength += this.#textLengthOf(pair);
    const { directories, textLength } = this.#limits;
    if (this.#directories > directories)
      throw flood(pair, `More than ${directories} directories wait to be compared.`);
    if (this.#textLength > textLength)
      throw flood(pair, 'The paths and etags of the directories that wait to be compared are too long.');
  }

  remove(pair: DirectoryPair): void {
    if (!pair[this.#remoteSide]) return;
    this.#directories -= 1;
    this.#textLength -= this.#textLengthOf(pair);
  }

  #textLengthOf(pair: DirectoryPair): number {
    const { path, localPath } = pair;
    const own = localPath === path ? path.length : path.length + localPath.length;
    return own + (pair[this.#remoteSide]?.etag?.length ?? 0);
  }
}

function flood({ path }: DirectoryPair, reason: string): TransferError {
  return new TransferError('EFLOOD', reason, { path });
}
