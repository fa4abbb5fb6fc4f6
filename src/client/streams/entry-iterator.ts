/** A listing as the user iterates it: lazy, one entry at a time, and given up at any moment. */
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { parseUserPath } from '../../protocol/remote-path.js';
import { Listing, type ListOptions } from './listing.js';
import type { ClientContext } from '../request/client-context.js';

type Result = IteratorResult<FileEntry, undefined>;

const DONE: Result = { done: true, value: undefined };

/**
 * No async generator: one whose `next` waits for the server puts off its `return` until the server answers.
 */
export class EntryIterator
  implements AsyncIterableIterator<FileEntry, undefined, undefined>, AsyncDisposable
{
  readonly #path: string;
  readonly #start: () => Listing;
  #listing: Listing | undefined;
  #entries: FileEntry[] = [];
  #taken = 0;
  #over = false;
  /** The last call of `next`; they are served one after another. */
  #last: Promise<unknown> = Promise.resolve();

  /** The request is made by the first `next`. */
  constructor(context: ClientContext, path: string, options: ListOptions) {
    this.#path = path;
    this.#start = () => new Listing(context, parseUserPath(path), options);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Cancels the request, also while `next` waits: that ends without an entry. */
  async return(): Promise<Result> {
    this.#over = true;
    this.#entries = [];
    this.#listing?.stop();
    return DONE;
  }

  /** Stops the listing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #next(): Promise<Result> {
    if (this.#taken === this.#entries.length && !this.#over) await this.#more();
    const value = this.#entries[this.#taken];
    if (!value) return DONE;
    this.#taken += 1;
    return { done: false, value };
  }

  async #more(): Promise<void> {
    try {
      this.#listing ??= this.#start();
      const entries = await this.#listing.next();
      this.#taken = 0;
      this.#entries = this.#over ? [] : (entries ?? []);
      if (!entries) await this.return();
    } catch (thrown) {
      await this.return();
      if (thrown instanceof TypeError) throw thrown;
      throw TransferError.from(thrown, { operation: 'list', path: this.#path });
    }
  }
}
