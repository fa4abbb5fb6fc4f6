/**
 * The uploads with an id of one server: the request that is attached to each, the suspended ones, and the results of
 * completed ones, for a client that did not receive its result.
 *
 *     attach: interrupts the older request -> runExclusive: waits for its end -> suspended.take | resultOf | forget
 *         -> suspended.keep | done -> detach
 */
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { Exchange } from '../request/exchange.js';
import { CompletedUploads, type CompletedUpload } from './completed-uploads.js';
import { SuspendedUploads, type SuspendedUploadLimits } from './suspended-uploads.js';

/** One upload. Emptied before it is deleted: a Map may keep deleted entries in memory, see `LinkedMap`. */
interface UploadSlot {
  /** The latest request for it. */
  attached: Exchange | undefined;
  /** The running work on it. */
  work: Promise<unknown> | undefined;
}

export class UploadRegistry {
  readonly suspended: SuspendedUploads;
  /** By id; none is empty. */
  readonly #slots = new Map<string, UploadSlot>();
  readonly #completed: CompletedUploads;

  constructor(limits: SuspendedUploadLimits) {
    this.#completed = new CompletedUploads(limits);
    this.suspended = new SuspendedUploads(limits);
  }

  /**
   * Attaches a request that has arrived to its upload, and interrupts the older request. Done on arrival, not when the
   * request runs: with the blocking strategy, the older request on a dead connection would block the new one.
   */
  attach(exchange: Exchange): void {
    const id = exchange.uploadId;
    if (id === undefined) return;
    const slot = this.#slot(id);
    const older = slot.attached;
    // A delayed first attempt can arrive after its own retries.
    if (older && isRetry(older) && !isRetry(exchange)) return exchange.interrupt(superseded());
    slot.attached = exchange;
    older?.interrupt(superseded());
  }

  /** Detaches a request that has ended. */
  detach(exchange: Exchange): void {
    const id = exchange.uploadId;
    const slot = id === undefined ? undefined : this.#slots.get(id);
    if (id === undefined || slot?.attached !== exchange) return;
    slot.attached = undefined;
    if (!slot.work) this.#slots.delete(id);
  }

  /** Runs work while no other work on the same upload runs. */
  async runExclusive<T>(id: string, exchange: Exchange, work: () => Promise<T>): Promise<T> {
    for (let other = this.#slots.get(id)?.work; other; other = this.#slots.get(id)?.work) {
      await exchange.waitWithTimeout(other.then(ignore, ignore));
    }
    exchange.throwIfCancelled();
    const working = work();
    const slot = this.#slot(id);
    slot.work = working;
    try {
      return await working;
    } finally {
      // Runs before work that waits: this `await` was the first to wait for the promise.
      slot.work = undefined;
      if (!slot.attached) this.#slots.delete(id);
    }
  }

  /** Remembers the result of a completed upload. */
  done(id: string, upload: CompletedUpload): void {
    this.#completed.keep(id, upload);
  }

  /** The result of a completed upload, whatever has become of its path, if it is remembered and was for this path. */
  resultOf(id: string, path: RemotePath): AnswerFields<'result'> | undefined {
    return this.#completed.resultOf(id, path);
  }

  /** Forgets the result, and discards the suspended upload. */
  forget(id: string): void {
    this.#completed.forget(id);
    this.suspended.drop(id);
  }

  /** Discards all suspended uploads, after the last request. */
  close(): Promise<void> {
    return this.suspended.close();
  }

  #slot(id: string): UploadSlot {
    let slot = this.#slots.get(id);
    if (!slot) this.#slots.set(id, (slot = { attached: undefined, work: undefined }));
    return slot;
  }
}

const ignore = (): void => undefined;

function isRetry({ request }: Exchange): boolean {
  return request.offset !== undefined;
}

function superseded(): TransferError {
  return new TransferError('ECANCELED', 'Another request resumes this upload.');
}
