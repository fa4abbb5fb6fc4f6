/**
 * A request with a `requestId`, which is carried out once.
 *
 *     submit -> RequestSession.find -> new      -> start, when the work has ended: answered | not carried out
 *                                   -> running  -> waits, then submit again
 *                                   -> answered -> the same answer
 *
 * What counts is the end of the work, not that of the request: after the loss of a connection, the storage may still be
 * at work on a change, and the answer of a repeated request must wait until it is known whether the change was made.
 */
import { TransferError } from '../../errors.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { OperationResult } from '../operations/operation.js';
import type { QueuedRequest, WorkObserver } from '../request/queued-request.js';
import { errorAnswer, errorFor, resultAnswer, resultFor, type Answer } from './answer.js';
import type { RequestSession, RunningRequest } from './request-session.js';

/** The operations that change something. */
const numberedOperations: ReadonlySet<string> = new Set([
  'upload',
  'mkdir',
  'remove',
  'rename',
  'copy',
  'utimes',
  'chmod',
  'call',
  'batch',
]);

/** Whether a request is to be carried out once. In other operations a `requestId` has no effect. */
export function isNumbered({ op, requestId }: FrameOf<'open'>): boolean {
  return requestId !== undefined && numberedOperations.has(op);
}

export interface NumberedContext {
  /** The session of the connection. */
  readonly session: RequestSession | undefined;
  /** Carries out the request, or rejects it. */
  readonly start: () => void;
  /** Whether the request may wait for the end of the same one: the server has memory for what its client sends meanwhile. */
  readonly mayWait: boolean;
}

export class NumberedRequest implements WorkObserver {
  readonly #request: QueuedRequest;
  readonly #session: RequestSession | undefined;
  readonly #start: () => void;
  readonly #mayWait: boolean;
  #running: RunningRequest | undefined;
  /** The same request, whose end this one waits for. */
  #awaited: RunningRequest | undefined;
  readonly #wake = (): void => {
    this.#awaited = undefined;
    this.submit();
  };

  constructor(request: QueuedRequest, { session, start, mayWait }: NumberedContext) {
    this.#request = request;
    this.#session = session;
    this.#start = start;
    this.#mayWait = mayWait;
    request.observer = this;
  }

  get awaitedSteps(): number | undefined {
    return this.#awaited?.steps();
  }

  submit(): void {
    if (this.#request.settled) return;
    try {
      this.#submit(this.#request.exchange.request);
    } catch (thrown) {
      this.#request.reject(TransferError.from(thrown));
    }
  }

  onResult(result: OperationResult): void {
    this.#end(resultAnswer(result));
  }

  onFailure(error: TransferError): void {
    const { exchange } = this.#request;
    // For example, a storage has lost the connection to its own server.
    if (error.outcomeUnknown && error.retryable)
      this.#end(errorAnswer(new TransferError('ENOTRECOVERABLE'), exchange.request));
    else if (error.retryable || exchange.isInterruption(error)) this.#end(undefined);
    else this.#end(errorAnswer(error, exchange.request));
  }

  onEnd(): void {
    this.#awaited?.waiters.delete(this.#wake);
    this.#awaited = undefined;
  }

  #submit(open: FrameOf<'open'>): void {
    const session = this.#session;
    if (!session) throw new TransferError('EINVAL', 'A requestId needs a session.');
    const known = session.find(open);
    if (!known) {
      // The server has begun to close while it waited.
      const { exchange } = this.#request;
      exchange.throwIfCancelled();
      this.#running = session.begin(open, () => exchange.steps);
      this.#start();
    } else if ('waiters' in known) {
      // EAGAIN would say that it is not carried out.
      if (!this.#mayWait) throw new TransferError('ENOTRECOVERABLE');
      this.#awaited = known;
      known.waiters.add(this.#wake);
    } else if (known.type === 'result' && known.body) {
      // It takes its turn, because a body waits for its reader.
      this.#request.remembered = { body: known.body };
      this.#start();
    } else if (known.type === 'result') {
      this.#request.answer(resultFor(known, open));
    } else {
      this.#request.reject(errorFor(known, open));
    }
  }

  #end(answer: Answer | undefined): void {
    const running = this.#running;
    this.#running = undefined;
    if (running) this.#session?.end(running, answer);
  }
}
