/**
 * A request that a strategy runs. The strategy may be code of the user: whatever it does, the request ends exactly once.
 *
 *     waiting -> run() -> running -> ended
 *     waiting -> reject(), or the client cancels -> ended
 */
import { systemClock } from '../../clock.js';
import { TransferError } from '../../errors.js';
import type { Node } from '../../collections/linked-list.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { RequestProgress } from '../monitoring/connection-snapshot.js';
import type { Exchange } from './exchange.js';
import type { Operation, OperationResult } from '../operations/operation.js';
import type { ServerRequest, ServerStrategy } from '../strategies/strategy.js';
import type { KeepAliveLimits } from './request-keep-alive.js';

const UNFINISHED = 'The server is closing, and its storage has not finished the request.';

/** Runs the requests of one connection. */
export interface RequestRunner {
  readonly connection: number;
  readonly origin: string;
  /** Time for a cancelled request to clean up; after it, the next request may run. */
  readonly cleanupTimeoutMs: number;
  /** Serves a request; rejects with the error for the client. */
  run(request: QueuedRequest): Promise<void>;
  /** Called after the answer has been sent. */
  onEnd(request: QueuedRequest, outcome: RequestOutcome): void;
}

export interface RequestOutcome {
  /** Whether the strategy has run the request. */
  readonly wasStarted: boolean;
  readonly durationMs: number;
  readonly error: TransferError | undefined;
}

/** Learns how the work of a request ends, which may be after the end of the request. */
export interface WorkObserver {
  /** Steps of the work for whose end the request waits, and which may succeed; undefined if it does not wait. */
  readonly awaitedSteps: number | undefined;
  /** The work has succeeded. */
  onResult(result: OperationResult): void;
  /** The work has failed, or was never begun. */
  onFailure(error: TransferError): void;
  /** The request has ended. Its work may continue. */
  onEnd(): void;
}

export class QueuedRequest implements ServerRequest {
  readonly operation: string;
  readonly path: string | undefined;
  readonly connection: number;
  readonly origin: string;
  readonly exchange: Exchange;
  /** Undefined if the server has no such operation. */
  readonly handler: Operation | undefined;
  /** Its node in the list of the connection's requests. */
  node: Node<QueuedRequest> | undefined;
  observer: WorkObserver | undefined;
  /** The answer of a repeated request whose body is sent again, instead of the work. */
  remembered: OperationResult | undefined;
  readonly #runner: RequestRunner;
  readonly #arrivedAt = systemClock();
  #runningSince: number | undefined;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #onEnd: (() => void) | undefined;
  #cleanupDeadline: Deadline | undefined;

  constructor(exchange: Exchange, handler: Operation | undefined, runner: RequestRunner) {
    this.operation = exchange.request.op;
    this.path = exchange.request.path;
    this.connection = runner.connection;
    this.origin = runner.origin;
    this.exchange = exchange;
    this.handler = handler;
    this.#runner = runner;
    exchange.onCancel = (error) => this.#cancel(error);
  }

  get settled(): boolean {
    return this.#state === 'ended';
  }

  get progress(): RequestProgress {
    return {
      arrivedMs: this.#arrivedAt,
      runningSinceMs: this.#runningSince,
      bytes: this.exchange.bodyBytes,
    };
  }

  /** Submits the request to a strategy. If the strategy throws or rejects, only this request fails. */
  submit(strategy: ServerStrategy): void {
    const fail = (cause: unknown): void =>
      this.reject(new TransferError('EIO', 'The strategy of the server failed.', { cause }));
    try {
      // An async function fits the type, too.
      const returned: unknown = strategy.submit(this);
      if (returned instanceof Promise) returned.catch(fail);
    } catch (thrown) {
      fail(thrown);
    }
  }

  run(): Promise<void> {
    if (this.#state !== 'waiting') return Promise.resolve();
    this.#state = 'running';
    this.#runningSince = systemClock();
    return new Promise((resolve) => {
      this.#onEnd = resolve;
      this.#runner.run(this).then(
        () => this.#end(undefined),
        (thrown: unknown) => this.#end(TransferError.from(thrown)),
      );
    });
  }

  /**
   * Shows the client that the server has not forgotten the request, unless the request has just arrived.
   *
   * @param endedRequests - of the server: each one brings a waiting request nearer to its turn
   */
  sendKeepAlive(limits: KeepAliveLimits, endedRequests: number): void {
    if (systemClock() - this.#arrivedAt < limits.minAgeMs) return;
    const otherSteps = endedRequests + (this.observer?.awaitedSteps ?? 0);
    this.exchange.sendKeepAlive(limits, this.#state === 'waiting' ? otherSteps : 0);
  }

  /** Ends a request that waits with a result. */
  answer(fields: AnswerFields<'result'>): void {
    if (this.#state !== 'waiting') return;
    this.exchange.finish(fields);
    this.#end(undefined);
  }

  reject(error: TransferError): void {
    if (this.#state === 'waiting') this.#end(error);
  }

  /** A waiting request ends at once; a running one gets time to clean up. */
  #cancel(error: TransferError): void {
    // ESHUTDOWN would say that the change is not carried out, but the storage is still at work.
    const isUnknown = error.code === 'ESHUTDOWN' && this.#mayBeCarriedOut;
    if (!isUnknown) this.reject(error);
    if (this.#state === 'ended') return;
    const late = isUnknown ? new TransferError('EIO', UNFINISHED, { retryable: false }) : error;
    this.#cleanupDeadline = new Deadline(this.#runner.cleanupTimeoutMs, () => this.#end(late)).unref();
  }

  get #mayBeCarriedOut(): boolean {
    const isWaiting = this.#state === 'waiting';
    return isWaiting ? this.observer?.awaitedSteps !== undefined : this.handler?.takesBody === false;
  }

  #end(error: TransferError | undefined): void {
    if (this.#state === 'ended') return;
    const wasStarted = this.#state === 'running';
    this.#state = 'ended';
    this.#cleanupDeadline?.stop();
    if (error) this.exchange.fail(error);
    if (error && !wasStarted) this.observer?.onFailure(error);
    this.observer?.onEnd();
    this.#runner.onEnd(this, { wasStarted, error, durationMs: systemClock() - this.#arrivedAt });
    this.#onEnd?.();
  }
}
