/**
 * What one server knows of uploads with an id: who asks for one, who works with it, which were interrupted, and which
 * are done, so that a result which was lost can be told again.
 *
 *     arrived: fences off who is attached -> hold: waits until that one has let go -> take, or begin anew -> keep | done
 */
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import { LinkedMap } from '../../collections/linked-map.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { Exchange } from '../request/exchange.js';
import { SuspendedUploads, type SuspendedUploadLimits } from './suspended-uploads.js';

/** An upload that is done. */
interface DoneUpload {
  readonly path: RemotePath;
  readonly result: AnswerFields<'result'>;
}

/** The place of one upload. It is emptied before it goes, for a Map may keep what has left it, see `LinkedMap`. */
interface UploadSlot {
  /** The last request that asked for it. */
  attached: Exchange | undefined;
  /** What is done with it. */
  work: Promise<unknown> | undefined;
}

export class UploadRegistry {
  /** Those that were interrupted. */
  readonly interrupted: SuspendedUploads;
  /** By ids; none is empty. */
  readonly #desks = new Map<string, UploadSlot>();
  /** The oldest first. */
  readonly #done = new LinkedMap<string, DoneUpload>();
  readonly #bounds: SuspendedUploadLimits;

  constructor(bounds: SuspendedUploadLimits) {
    this.#bounds = bounds;
    this.interrupted = new SuspendedUploads(bounds);
  }

  /**
   * A request has come. Whoever else is attached to its upload is stopped now, not when the request has its turn: a
   * connection that is dead and not known to be would hold up a server that serves one request at a time.
   */
  attach(exchange: Exchange): void {
    const id = exchange.uploadId;
    if (id === undefined) return;
    const desk = this.#desk(id);
    const older = desk.attached;
    // A first attempt that was long on its way comes after those that were made because nothing was heard of it.
    if (older && isFurther(older) && !isFurther(exchange)) return exchange.interrupt(superseded());
    desk.attached = exchange;
    older?.interrupt(superseded());
  }

  /** A request is over. */
  detach(exchange: Exchange): void {
    const id = exchange.uploadId;
    const desk = id === undefined ? undefined : this.#desks.get(id);
    if (id === undefined || desk?.attached !== exchange) return;
    desk.attached = undefined;
    if (!desk.work) this.#desks.delete(id);
  }

  /** Works while nobody else works with the same upload. */
  async runExclusive<T>(id: string, exchange: Exchange, work: () => Promise<T>): Promise<T> {
    for (let other = this.#desks.get(id)?.work; other; other = this.#desks.get(id)?.work) {
      await exchange.waitWithTimeout(other.then(nothing, nothing));
    }
    exchange.throwIfCancelled();
    const working = work();
    const desk = this.#desk(id);
    desk.work = working;
    try {
      return await working;
    } finally {
      // Before any that wait for it go on: this one was the first to ask for its end.
      desk.work = undefined;
      if (!desk.attached) this.#desks.delete(id);
    }
  }

  /** An upload has been committed. */
  done(id: string, done: DoneUpload): void {
    this.#done.delete(id);
    this.#done.set(id, done);
    if (this.#done.size > this.#bounds.maxSuspendedUploads) this.#done.shift();
  }

  /** The result of an upload that was committed, if it was one for that path and is remembered. */
  resultOf(id: string, path: RemotePath): AnswerFields<'result'> | undefined {
    const done = this.#done.get(id);
    return done?.path === path ? done.result : undefined;
  }

  /** An upload begins anew: nothing that was known of it is true any more. */
  forget(id: string): void {
    this.#done.delete(id);
    this.interrupted.drop(id);
  }

  #desk(id: string): UploadSlot {
    let desk = this.#desks.get(id);
    if (!desk) this.#desks.set(id, (desk = { attached: undefined, work: undefined }));
    return desk;
  }

  /** Lets go of all pending files; to be called when nothing is served any more. */
  close(): Promise<void> {
    return this.interrupted.close();
  }
}

function nothing(): void {
  // However the work of another has ended, this is where it is over.
}

/** Whether it is not the first attempt. */
function isFurther({ request }: Exchange): boolean {
  return request.offset !== undefined;
}

function superseded(): TransferError {
  return new TransferError('ECANCELED', 'Another connection goes on with this upload.');
}
