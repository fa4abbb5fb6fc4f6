/**
 * Going down and up in a tree, one directory at a time. The directories above stay open, so that going up costs
 * nothing; of very deep trees only the nearest do, and those further up are walked to anew.
 */
import type { OpenDirectory } from './open-directory.js';

/** Open handles of one descent: deeper than trees are in practice, and few enough for many descents at once. */
const MAX_OPEN = 32;

export class TreeCursor {
  readonly #root: OpenDirectory;
  readonly #names: string[];
  // Those of the deepest levels, the current one last.
  #open: OpenDirectory[] = [];

  constructor(root: OpenDirectory, names: readonly string[]) {
    this.#root = root;
    this.#names = [...names];
  }

  /** The path of where one is, from the root. */
  get path(): string {
    return this.#names.join('/');
  }

  /** Where one is. Valid until the next step. */
  async here(): Promise<OpenDirectory> {
    const current = this.#open.at(-1);
    if (current) return current;
    try {
      return await this.#walk();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #walk(): Promise<OpenDirectory> {
    let current = this.#root;
    await this.#keep(current);
    for (const name of this.#names) {
      current = await current.enter(name);
      await this.#keep(current);
    }
    return current;
  }

  /** Goes into a directory of where one is; stays there if that fails. */
  async down(name: string): Promise<OpenDirectory> {
    const inner = await (await this.here()).enter(name);
    this.#names.push(name);
    await this.#keep(inner);
    return inner;
  }

  /** Goes back to the directory that holds where one is. */
  async up(): Promise<void> {
    this.#names.pop();
    await this.#open.pop()?.close();
  }

  /** Called once, wherever one is. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    for (const directory of open) await directory.close();
  }

  async #keep(directory: OpenDirectory): Promise<void> {
    this.#open.push(directory);
    if (this.#open.length > MAX_OPEN) await this.#open.shift()?.close();
  }
}
