/**
 * Collects items that arrive one by one into batches.
 *
 *     add -> waiting -> a batch: at the end of the tick, or when one has ended, or as soon as it is full -> send -> outcome
 *
 * The more items arrive while batches are on their way, the larger the next ones are.
 */
import { setImmediate } from '../../clock.js';

/**
 * Items of a batch: what a request costs besides its files is then a small part. With twice as many, files are in memory for
 * so long that the garbage collector takes more time than the requests save.
 */
const MAX_ITEMS = 128;

/** Bytes of the files of a batch, in memory at each end. */
const MAX_BYTES = 1024 * 1024;

/** Batches that are sent at once: one is read, one is on its way, and one is written. */
const MAX_RUNNING = 3;

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export class BatchQueue<Item, Outcome> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  #waiting: Waiting<Item, Outcome>[] = [];
  #running = 0;
  #isScheduled = false;

  /** @param send - sends a batch; resolves with an outcome for each item, in their order */
  constructor(send: (items: readonly Item[]) => Promise<readonly Outcome[]>) {
    this.#send = send;
  }

  /** Resolves with the outcome of an item, whose file has so many bytes. Rejects if its batch does. */
  add(item: Item, bytes: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, resolve, reject });
      if (this.#isScheduled || this.#running >= MAX_RUNNING) return;
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.#fill();
      });
    });
  }

  #fill(): void {
    while (this.#running < MAX_RUNNING && this.#waiting.length > 0) void this.#run(this.#take());
  }

  #take(): readonly Waiting<Item, Outcome>[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: next } of this.#waiting) {
      bytes += next;
      if (count === MAX_ITEMS || (count > 0 && bytes > MAX_BYTES)) break;
      count += 1;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }

  async #run(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    this.#running += 1;
    try {
      const outcomes = await this.#send(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new TypeError('An item of the batch has no outcome.'));
        else resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#fill();
    }
  }
}
