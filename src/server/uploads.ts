/**
 * What one server knows of uploads with an id: who asks for one, who works with it, which were interrupted, and which
 * are done, so that a result which was lost can be told again.
 *
 *     arrived: fences off who is attached -> hold: waits until that one has let go -> take, or begin anew -> keep | done
 */
import { TransferError } from '../errors.js';
import type { RemotePath } from '../protocol/remote-path.js';
import type { AnswerFields } from '../session/server-channel.js';
import type { Exchange } from './exchange.js';
import { InterruptedUploads, type UploadBounds } from './interrupted-uploads.js';

/** An upload that is done. */
interface DoneUpload {
  readonly path: RemotePath;
  readonly result: AnswerFields<'result'>;
}

export class Uploads {
  /** Those that were interrupted. */
  readonly interrupted: InterruptedUploads;
  readonly #attached = new Map<string, Exchange>();
  readonly #holders = new Map<string, Promise<void>>();
  readonly #done = new Map<string, DoneUpload>();
  readonly #bounds: UploadBounds;

  constructor(bounds: UploadBounds) {
    this.#bounds = bounds;
    this.interrupted = new InterruptedUploads(bounds);
  }

  /**
   * A request has come. Whoever else is attached to its upload is stopped now, not when the request has its turn: a
   * connection that is dead and not known to be would hold up a server that serves one request at a time.
   */
  arrived(exchange: Exchange): void {
    const id = exchange.uploadId;
    if (id === undefined) return;
    const older = this.#attached.get(id);
    // A first attempt that was long on its way comes after those that were made because nothing was heard of it.
    if (older && isFurther(older) && !isFurther(exchange)) return exchange.interrupt(fenced());
    this.#attached.set(id, exchange);
    older?.interrupt(fenced());
  }

  /** A request is over. */
  left(exchange: Exchange): void {
    const id = exchange.uploadId;
    if (id !== undefined && this.#attached.get(id) === exchange) this.#attached.delete(id);
  }

  /** Works while nobody else works with the same upload. */
  async hold<T>(id: string, exchange: Exchange, work: () => Promise<T>): Promise<T> {
    for (let held = this.#holders.get(id); held; held = this.#holders.get(id)) await exchange.waitFor(held);
    let release = (): void => undefined;
    this.#holders.set(id, new Promise((resolve) => (release = resolve)));
    try {
      exchange.check();
      return await work();
    } finally {
      this.#holders.delete(id);
      release();
    }
  }

  /** An upload has been committed. */
  done(id: string, done: DoneUpload): void {
    this.#done.delete(id);
    this.#done.set(id, done);
    const [oldest] = this.#done.keys();
    if (this.#done.size > this.#bounds.maxInterrupted && oldest !== undefined) this.#done.delete(oldest);
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

  /** Lets go of all pending files; to be called when nothing is served any more. */
  close(): Promise<void> {
    return this.interrupted.close();
  }
}

/** Whether it is not the first attempt. */
function isFurther({ request }: Exchange): boolean {
  return request.offset !== undefined;
}

function fenced(): TransferError {
  return new TransferError('ECANCELED', 'Another connection goes on with this upload.');
}
