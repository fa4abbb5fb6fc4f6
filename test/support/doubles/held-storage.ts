/** A storage in memory that counts its changes, and whose calls a test can hold after the change and before their end. */
import { MemoryStorage, type PendingFile, type Storage } from '../../../src/index.js';

/** The changing calls. */
export type Change = 'mkdir' | 'remove' | 'rename' | 'copy' | 'utimes' | 'chmod' | 'commit';

/** A call that is held. */
export interface HeldCall {
  /** Resolves when the call has made its change. */
  readonly changed: Promise<void>;
  /** Lets the call end; with an error, it fails although its change was made. */
  release(error?: Error): void;
}

export class HeldStorage {
  readonly memory = new MemoryStorage();
  /** The changing calls so far, in order. */
  readonly calls: Change[] = [];
  readonly storage: Storage;
  readonly #held = new Map<Change, { readonly onChanged: () => void; readonly released: Promise<void> }>();
  readonly #failing = new Map<Change, Error>();

  constructor() {
    const { memory } = this;
    this.storage = {
      stat: (path) => memory.stat(path),
      list: (path, options) => memory.list(path, options),
      read: (path) => memory.read(path),
      write: async (path, options) => this.#pending(await memory.write(path, options)),
      append: async (path, options) => this.#pending(await memory.append(path, options)),
      mkdir: (path, options) => this.#change('mkdir', () => memory.mkdir(path, options)),
      remove: (path, options) => this.#change('remove', () => memory.remove(path, options)),
      rename: (from, to, options) => this.#change('rename', () => memory.rename(from, to, options)),
      copy: (from, to, options) => this.#change('copy', () => memory.copy(from, to, options)),
      utimes: (path, mtime) => this.#change('utimes', () => memory.utimes(path, mtime)),
      chmod: (path, mode) => this.#change('chmod', () => memory.chmod(path, mode)),
    };
  }

  /** Holds the next call of this kind. */
  hold(change: Change): HeldCall {
    let onChanged = (): void => undefined;
    const changed = new Promise<void>((resolve) => (onChanged = resolve));
    let release: HeldCall['release'] = () => undefined;
    const released = new Promise<void>((resolve, reject) => {
      release = (error) => (error ? reject(error) : resolve());
    });
    this.#held.set(change, { onChanged, released });
    return { changed, release: (error) => release(error) };
  }

  /** Lets the next call of this kind fail before it changes anything. */
  failOnce(change: Change, error: Error): void {
    this.#failing.set(change, error);
  }

  #pending(pending: PendingFile): PendingFile {
    return {
      write: (pieces) => pending.write(pieces),
      commit: (token) => this.#change('commit', () => pending.commit(token)),
      discard: () => pending.discard(),
    };
  }

  async #change<T>(change: Change, work: () => Promise<T>): Promise<T> {
    this.calls.push(change);
    const failure = this.#failing.get(change);
    this.#failing.delete(change);
    if (failure) throw failure;
    const result = await work();
    const held = this.#held.get(change);
    this.#held.delete(change);
    held?.onChanged();
    await held?.released;
    return result;
  }
}
