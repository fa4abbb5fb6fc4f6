/**
 * A position in the tree that moves one directory down or up. The directories above stay open, so moving up costs
 * nothing. In very deep trees only the nearest stay open; the cursor opens the others again when it needs them.
 */
import type { OpenDirectory } from './open-directory.js';

/** Open directories of one cursor: deeper than trees are in practice, and few enough for many cursors at once. */
const MAX_OPEN = 32;

export class TreeCursor {
  readonly #root: OpenDirectory;
  readonly #names: string[];
  /** The deepest open directories, the current one last. */
  #open: OpenDirectory[] = [];

  constructor(root: OpenDirectory, names: readonly string[]) {
    this.#root = root;
    this.#names = [...names];
  }

  /** The current path, relative to the root. */
  get path(): string {
    return this.#names.join('/');
  }

  /** The current directory, valid until the next move. */
  async current(): Promise<OpenDirectory> {
    const current = this.#open.at(-1);
    if (current) return current;
    try {
      return await this.#openFromRoot();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #openFromRoot(): Promise<OpenDirectory> {
    let current = this.#root;
    await this.#push(current);
    for (const name of this.#names) {
      current = await current.enter(name);
      await this.#push(current);
    }
    return current;
  }

  /** Moves into a directory of the current one; does not move if that fails. */
  async down(name: string): Promise<OpenDirectory> {
    const inner = await (await this.current()).enter(name);
    this.#names.push(name);
    await this.#push(inner);
    return inner;
  }

  /** Moves to the parent directory. */
  async up(): Promise<void> {
    this.#names.pop();
    await this.#open.pop()?.close();
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    for (const directory of open) await directory.close();
  }

  async #push(directory: OpenDirectory): Promise<void> {
    this.#open.push(directory);
    if (this.#open.length > MAX_OPEN) await this.#open.shift()?.close();
  }
}
