/**
 * A request in the hands of a strategy, which may be user code. However the strategy treats it, it ends exactly once.
 *
 *     waiting -> run() -> running -> ended
 *     waiting -> refuse(), or the client cancels -> ended
 */
import { TransferError } from '../../errors.js';
import type { Node } from '../../collections/linked-list.js';
import type { Exchange } from './exchange.js';
import type { Operation } from '../operations/operation.js';
import type { ServerRequest, ServerStrategy } from '../strategies/strategy.js';

/** Runs the requests of one connection. */
export interface RequestRunner {
  readonly connection: number;
  readonly origin: string;
  /** Milliseconds that a cancelled request may take to clean up; then it gives its place to the next one. */
  readonly cleanupTimeoutMs: number;
  /** Serves a request; rejects with the error that the client gets. */
  run(request: QueuedRequest): Promise<void>;
  /** A request has ended; its answer has been sent. */
  onEnd(request: QueuedRequest, outcome: RequestOutcome): void;
}

/** How a request ended. */
export interface RequestOutcome {
  /** Whether the strategy ever ran it. */
  readonly wasStarted: boolean;
  readonly durationMs: number;
  readonly error: TransferError | undefined;
}

export class QueuedRequest implements ServerRequest {
  readonly operation: string;
  readonly path: string | undefined;
  readonly connection: number;
  readonly origin: string;
  readonly exchange: Exchange;
  /** The operation that serves it; undefined if the server has no such operation. */
  readonly handler: Operation | undefined;
  /** Its place among the requests of its connection. */
  place: Node<QueuedRequest> | undefined;
  readonly #runner: RequestRunner;
  readonly #arrivedAt = performance.now();
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #onEnd: (() => void) | undefined;
  #cleanupTimer: NodeJS.Timeout | undefined;

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

  /** Hands it to a strategy. A strategy that throws, at once or later, costs this request and nothing else. */
  submit(strategy: ServerStrategy): void {
    const refuse = (cause: unknown): void =>
      this.reject(new TransferError('EIO', 'The server could not take the request.', { cause }));
    try {
      // The contract returns nothing, but an async function also fits its type.
      const returned: unknown = strategy.submit(this);
      if (returned instanceof Promise) returned.catch(refuse);
    } catch (thrown) {
      refuse(thrown);
    }
  }

  run(): Promise<void> {
    if (this.#state !== 'waiting') return Promise.resolve();
    this.#state = 'running';
    return new Promise((resolve) => {
      this.#onEnd = resolve;
      this.#runner.run(this).then(
        () => this.#end(undefined),
        (thrown: unknown) => this.#end(TransferError.from(thrown)),
      );
    });
  }

  reject(error: TransferError): void {
    if (this.#state === 'waiting') this.#end(error);
  }

  /** A waiting request ends at once; a running one gets time to clean up. */
  #cancel(error: TransferError): void {
    this.reject(error);
    if (this.#state === 'ended') return;
    this.#cleanupTimer = setTimeout(() => this.#end(error), this.#runner.cleanupTimeoutMs).unref();
  }

  #end(error: TransferError | undefined): void {
    if (this.#state === 'ended') return;
    const wasStarted = this.#state === 'running';
    this.#state = 'ended';
    clearTimeout(this.#cleanupTimer);
    if (error) this.exchange.fail(error);
    this.#runner.onEnd(this, { wasStarted, error, durationMs: performance.now() - this.#arrivedAt });
    this.#onEnd?.();
  }
}
