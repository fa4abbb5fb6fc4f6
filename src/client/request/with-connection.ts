/** Operations on the connection itself: wait until it is open, measure a round trip. */
import { TransferError, withCallStack } from '../../errors.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { callOptionNames, throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';
import type { Backoff } from '../connection/backoff.js';
import type { ClientConnection } from '../connection/client-connection.js';
import { Deferred } from '../connection/deferred.js';
import type { Node } from '../../collections/linked-list.js';
import type { DispatchedRequest } from '../connection/dispatched-request.js';
import type { ClientContext } from './client-context.js';

/** Runs `query` on the current or the next connection, and again on another one if that is lost. */
export async function withConnection<Value>(
  context: ClientContext,
  options: CallOptions,
  query: (connection: ClientConnection) => Promise<Value>,
): Promise<Value> {
  rejectUnknownOptions('FileClient', options, callOptionNames);
  throwIfAborted(options.signal);
  const dispatched = new ConnectionQuery(context, query);
  const { dispatcher } = context;
  const removeAbortListener = onAbortOrTimeout(options, dispatcher.timers, (error) => dispatched.fail(error));
  try {
    dispatcher.dispatch(dispatched);
    return await dispatched.answer.promise;
  } catch (error) {
    throw withCallStack(error);
  } finally {
    removeAbortListener();
    dispatched.end();
  }
}

class ConnectionQuery<Value> implements DispatchedRequest {
  node: Node<DispatchedRequest> | undefined;
  backoff: Backoff | undefined;
  readonly answer = new Deferred<Value>();
  readonly #context: ClientContext;
  readonly #query: (connection: ClientConnection) => Promise<Value>;
  #connection: ClientConnection | undefined;
  #removeLossListener: (() => void) | undefined;
  #startedMs: number | undefined;

  constructor(context: ClientContext, query: (connection: ClientConnection) => Promise<Value>) {
    this.#context = context;
    this.#query = query;
  }

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#startedMs = undefined;
    this.#removeLossListener = connection.onLoss((error) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      const loss = { error, connection, progressed: false, queued: false };
      if (!this.#context.dispatcher.retry(this, loss)) this.fail(error);
    });
    this.#query(connection).then(
      (value) => {
        if (this.#connection === connection) this.answer.resolve(value);
      },
      (thrown: unknown) => {
        // The loss of a connection is handled above, before its queries reject.
        if (this.#connection === connection) this.fail(TransferError.from(thrown));
      },
    );
  }

  fail(error: TransferError): void {
    this.end();
    this.answer.reject(() => error);
  }

  checkTimeout(nowMs: number): void {
    if (!this.#connection) return;
    const { responseMs } = this.#context.timeouts;
    this.#startedMs ??= nowMs;
    if (nowMs - this.#startedMs < responseMs) return;
    this.fail(new TransferError('ETIMEDOUT', `The server has not answered for ${responseMs} ms.`));
  }

  end(): void {
    this.#connection = undefined;
    this.#removeLossListener?.();
    this.#context.dispatcher.release(this);
  }
}
