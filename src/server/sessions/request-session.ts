/**
 * One session: which of its numbered requests run, and the answers of those that have ended, until the client confirms
 * that it has them.
 *
 *     open requestId=n -> find -> new      -> begin -> RunningRequest -> answered | notCarriedOut
 *                              -> running  -> wait for its end, then find again
 *                              -> answered -> the same answer
 *
 * A request is in at most one of the maps. It leaves `#running` when its work has ended, which can be long after its
 * connection was lost.
 */
import { LinkedMap } from '../../collections/linked-map.js';
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import { MAX_SESSION_ANSWER_BYTES } from '../../protocol/limits.js';
import { digestOf } from '../monitoring/request-id.js';
import { bytesOf, keyOf, type Answer } from './answer.js';

/** Counts what all sessions remember. */
export interface AnswerCounter {
  /** The session remembers so many bytes and answers more, or fewer if they are negative. */
  onChange(session: RequestSession, bytes: number, answers: number): void;
}

interface RememberedAnswer {
  readonly requestId: number;
  readonly key: string;
  readonly answer: Answer;
  readonly bytes: number;
}

/** A request whose work has not ended. */
export interface RunningRequest {
  readonly requestId: number;
  readonly key: string;
  /** A number that increases with each step of the work. */
  readonly steps: () => number;
  /** Called when the work has ended. */
  readonly waiters: Set<() => void>;
}

export interface RequestSessionContext {
  readonly id: string;
  /** The name of the identity; undefined on a server without logins. */
  readonly identity: string | undefined;
  readonly maxAnswers: number;
  readonly counter: AnswerCounter;
}

export class RequestSession {
  readonly id: string;
  readonly identity: string | undefined;
  /** Bytes of memory of all answers. */
  bytes = 0;
  readonly #maxAnswers: number;
  readonly #counter: AnswerCounter;
  /** The maps are created when they are needed: most sessions are those of idle connections. */
  #running: LinkedMap<number, RunningRequest> | undefined;
  /** In the order in which the requests ended. */
  #answers: LinkedMap<number, RememberedAnswer> | undefined;
  /** The client has the answers of all requests with a lower id. */
  #settledBelow = 0;
  /** The answer of a request with a lower id may have been forgotten. */
  #forgottenBelow = 0;
  #isClosed = false;
  #digest: string | undefined;

  constructor({ id, identity, maxAnswers, counter }: RequestSessionContext) {
    this.id = id;
    this.identity = identity;
    this.#maxAnswers = maxAnswers;
    this.#counter = counter;
  }

  /** Names the session in events: it permits nothing, as the id does. Once, because it takes as long as a part of a request. */
  get digest(): string {
    return (this.#digest ??= digestOf(this.id));
  }

  /** Number of answers. */
  get size(): number {
    return this.#answers?.size ?? 0;
  }

  /**
   * What the session knows of a request: its answer, that it runs, or undefined if it has not been carried out. Throws
   * EINVAL if it is not the request that had this id, or one that the client has confirmed; ENOTRECOVERABLE if its answer
   * may have been forgotten.
   */
  find(request: FrameOf<'open'>): Answer | RunningRequest | undefined {
    const requestId = this.#settle(request);
    const known = this.#running?.get(requestId) ?? this.#answers?.get(requestId);
    if (!known) {
      if (requestId < this.#forgottenBelow) throw new TransferError('ENOTRECOVERABLE');
      return undefined;
    }
    if (known.key !== keyOf(request)) {
      throw new TransferError('EINVAL', `The request ${requestId} had another operation or path.`);
    }
    return 'answer' in known ? known.answer : known;
  }

  /** Begins a request that `find` did not know. EAGAIN if too many run. */
  begin(request: FrameOf<'open'>, steps = (): number => 0): RunningRequest {
    const runningRequests = (this.#running ??= new LinkedMap());
    if (runningRequests.size >= this.#maxAnswers) {
      throw new TransferError('EAGAIN', `Too many requests of the session run: ${runningRequests.size}.`);
    }
    const running = {
      requestId: request.requestId ?? 0,
      key: keyOf(request),
      steps,
      waiters: new Set<() => void>(),
    };
    runningRequests.set(running.requestId, running);
    while (runningRequests.size + this.size > this.#maxAnswers && this.forgetOldest());
    return running;
  }

  /** The work of a request has ended. With an answer it is not carried out again; without one, the next attempt is. */
  end({ requestId, key, waiters }: RunningRequest, answer: Answer | undefined): void {
    this.#running?.delete(requestId);
    if (answer && requestId >= this.#settledBelow)
      this.#remember({ requestId, key, answer, bytes: bytesOf(answer) });
    for (const wake of [...waiters]) wake();
  }

  /** Forgets the oldest answer. Returns false if there is none. */
  forgetOldest(): boolean {
    const oldest = this.#answers?.shift();
    if (!oldest) return false;
    this.#forgottenBelow = Math.max(this.#forgottenBelow, oldest.requestId + 1);
    this.#count(-oldest.bytes, -1);
    return true;
  }

  /** Forgets all answers, and remembers no more: no client can find the session any more. */
  close(): void {
    this.#isClosed = true;
    while (this.forgetOldest());
  }

  /** Checks the numbers of a request, and forgets the answers that the client has. Returns the id. */
  #settle({ requestId = 0, settledBelow = 0 }: FrameOf<'open'>): number {
    if (requestId === 0) throw new TransferError('EINVAL', 'A requestId is at least 1.');
    if (settledBelow > requestId) {
      throw new TransferError('EINVAL', 'The settledBelow of a request is at most its requestId.');
    }
    if (settledBelow > this.#settledBelow) this.#forgetBelow(settledBelow);
    if (requestId >= this.#settledBelow) return requestId;
    throw new TransferError('EINVAL', `The client has confirmed all requests below ${this.#settledBelow}.`);
  }

  #forgetBelow(settledBelow: number): void {
    this.#settledBelow = settledBelow;
    for (const { requestId, bytes } of this.#answers?.values() ?? []) {
      if (requestId >= settledBelow) continue;
      this.#answers?.delete(requestId);
      this.#count(-bytes, -1);
    }
  }

  #remember(answer: RememberedAnswer): void {
    if (this.#isClosed) return;
    (this.#answers ??= new LinkedMap()).set(answer.requestId, answer);
    this.#count(answer.bytes, 1);
    while (this.bytes > MAX_SESSION_ANSWER_BYTES && this.forgetOldest());
  }

  #count(bytes: number, answers: number): void {
    this.bytes += bytes;
    this.#counter.onChange(this, bytes, answers);
  }
}
