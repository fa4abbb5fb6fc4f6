/** Calls of the file system of which one fails. */
import { fileCalls, type FileCalls } from '../../../src/storage/directory/calls/file-calls.js';

type CallName = keyof FileCalls;

/** Makes one call fail, and records all calls. */
export class FailingCalls {
  /** The calls that were made, in order. */
  readonly made: CallName[] = [];
  /** To be given to a storage. */
  readonly calls: FileCalls;
  readonly #nth: number;
  readonly #code: string;
  readonly #dies: boolean;

  /** Makes the `nth` call fail, counted from 1; 0 for none. `dies`: also every later call. */
  constructor(nth: number, code = 'EIO', { dies = false } = {}) {
    this.#nth = nth;
    this.#dies = dies;
    this.#code = code;
    const wrapped = Object.entries(fileCalls).map(([name, call]) => [
      name,
      this.#wrap(name as CallName, call),
    ]);
    this.calls = Object.fromEntries(wrapped) as FileCalls;
  }

  /** The call that failed; undefined if it did not come to that. */
  get failed(): CallName | undefined {
    return this.made[this.#nth - 1];
  }

  get #fails(): boolean {
    return this.#dies ? this.#nth > 0 && this.made.length >= this.#nth : this.made.length === this.#nth;
  }

  #wrap(name: CallName, call: (...args: never[]) => Promise<unknown>) {
    return async (...args: never[]): Promise<unknown> => {
      this.made.push(name);
      if (!this.#fails) return call(...args);
      // Whatever close returns, its file is closed, as are all files of a dead process.
      if (name === 'close') await call(...args);
      // A message as the system writes it, with what no client should read.
      throw Object.assign(new Error(`${this.#code}: ${name} '${String(args[0])}'`), { code: this.#code });
    };
  }
}
