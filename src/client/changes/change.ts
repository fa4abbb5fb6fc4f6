/**
 * What a client knows of a request that changes something: its number, and whether the server may have carried it out.
 *
 *     onOpening: number -> answer -> settle
 *                       -> lost   -> in the same session: the same number again
 *                                 -> in another one: unknown, unless it was not carried out for certain
 */
import type { FrameOf } from '../../protocol/frames.js';
import type { RequestSession } from './request-sessions.js';

export class Change {
  #session: RequestSession | undefined;
  #number: number | undefined;
  #isLost = false;

  /** Whether the server may have carried it out, although no answer has arrived. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether the server can be asked again, as long as it has the session. */
  get isRepeatable(): boolean {
    return this.#isLost && this.#number !== undefined;
  }

  /** Whether the server may have carried it out, and a connection with this session cannot tell. */
  isUnknownTo(session: RequestSession | undefined): boolean {
    return this.#isLost && (this.#number === undefined || session !== this.#session);
  }

  /** Gives a request its number, or again the one that it has in this session. */
  number(open: FrameOf<'open'>, session: RequestSession | undefined): void {
    if (session !== this.#session) this.settle();
    if (!session) return;
    this.#session = session;
    open.requestId = this.#number ??= session.take();
    open.settledBelow = session.settledBelow;
  }

  /** The channel is gone. Without an answer, and if the server may have carried the request out, its number is kept. */
  interrupt(mayBeDone: boolean): void {
    if (mayBeDone) this.#isLost = true;
    else if (!this.#isLost) this.settle();
  }

  /** It is not repeated, or not with this number. */
  settle(): void {
    if (this.#number !== undefined) this.#session?.settle(this.#number);
    this.#number = undefined;
    this.#isLost = false;
  }
}
