/** A name that is uploaded again and again, and every version that may be found under it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';

export class Target {
  readonly number: number;
  /** Uploads that have ended well. */
  uploads = 0;
  /** Their bytes. */
  storedBytes = 0;
  #stored: string | undefined;
  #coming: string | undefined;

  constructor(number: number) {
    this.number = number;
  }

  get name(): string {
    return `file-${this.number}`;
  }

  /** Stores another version. */
  async replace(bytes: Buffer, store: () => Promise<unknown>): Promise<void> {
    this.#coming = digest(bytes);
    await store();
    this.#stored = this.#coming;
    this.#coming = undefined;
    this.uploads += 1;
    this.storedBytes += bytes.length;
  }

  /** The digests of the versions that are possible now; undefined stands for a missing file. */
  possible(): (string | undefined)[] {
    return this.#coming === undefined ? [this.#stored] : [this.#stored, this.#coming];
  }

  /** Fails unless the file on disk has a possible version. */
  async lookAt(root: string): Promise<void> {
    const possible = this.possible();
    const bytes = await readFile(path.join(root, this.name)).catch(() => undefined);
    const found = bytes && digest(bytes);
    expect([...possible, ...this.possible()], `what is on the disk as ${this.name}`).toContain(found);
  }
}

/** The SHA-256 of bytes. */
export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
