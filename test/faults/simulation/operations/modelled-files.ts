/** The storage of a simulated run: it counts how often each file of a batch was stored. */
import { MemoryStorage, parseRemotePath, type RemotePath } from '../../../../src/index.js';
import { bytesOf } from '../../../support/bytes.js';

type WriteFile = MemoryStorage['writeFile'];

const GIVEN_FILES = 10;

export class ModelledFiles extends MemoryStorage {
  readonly #stored = new Map<string, number>();

  /** Makes the directories, and files with even numbers to download. */
  async fill(): Promise<void> {
    for (const name of ['given', 'batch', 'tree'])
      await this.mkdir(parseRemotePath(name), { recursive: false });
    for (let number = 0; number < GIVEN_FILES; number += 2)
      await super.writeFile(parseRemotePath(givenPath(number)), [givenBytes(number)], { overwrite: false });
  }

  /** How often a file was stored. */
  timesStored(path: string): number {
    return this.#stored.get(path) ?? 0;
  }

  /** The bytes of a file; undefined if there is none. */
  async bytesAt(path: string): Promise<Uint8Array | undefined> {
    return this.readFile(parseRemotePath(path)).then(
      (file) => file?.bytes,
      () => undefined,
    );
  }

  override async writeFile(...[path, pieces, options]: Parameters<WriteFile>): ReturnType<WriteFile> {
    const entry = await super.writeFile(path, pieces, options);
    this.#count(path);
    return entry;
  }

  #count(path: RemotePath): void {
    this.#stored.set(path, this.timesStored(path) + 1);
  }
}

export function givenPath(number: number): string {
  return `given/${number}`;
}

export function givenBytes(number: number): Buffer {
  return bytesOf(number * 3_000, number + 1);
}
