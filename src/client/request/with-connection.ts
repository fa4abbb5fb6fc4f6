/** What is asked of a connection itself: whether it is open, and how long a round trip takes. */
import { TransferError } from '../../errors.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { callOptionNames, throwIfAborted, onAbortOrTimeout, type CallOptions } from './abort.js';
import type { ClientConnection } from '../connection/client-connection.js';
import { Deferred } from '../connection/deferred.js';
import type { Node } from '../../collections/linked-list.js';
import type { DispatchedRequest } from '../connection/dispatcher.js';
import type { ClientContext } from './client-context.js';

/** Asks the connection that there is, or the next one; and asks another one if that is lost. */
export async function withConnection<Value>(
  requester: ClientContext,
  options: CallOptions,
  ask: (connection: ClientConnection) => Promise<Value>,
): Promise<Value> {
  rejectUnknownOptions('FileClient', options, callOptionNames);
  throwIfAborted(options.signal);
  const query = new ConnectionQuery(requester, ask);
  const stopWaiting = onAbortOrTimeout(options, requester.dispatcher.timers, (error) => query.fail(error));
  try {
    requester.dispatcher.dispatch(query);
    return await query.answer.promise;
  } finally {
    stopWaiting();
    query.end();
  }
}

class ConnectionQuery<Value> implements DispatchedRequest {
  place: Node<DispatchedRequest> | undefined;
  readonly answer = new Deferred<Value>();
  readonly #requester: ClientContext;
  readonly #ask: (connection: ClientConnection) => Promise<Value>;
  /** The connection that is asked; undefined while there is none. */
  #connection: ClientConnection | undefined;
  #forgetConnection: (() => void) | undefined;
  #askedAt: number | undefined;

  constructor(requester: ClientContext, ask: (connection: ClientConnection) => Promise<Value>) {
    this.#requester = requester;
    this.#ask = ask;
  }

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#askedAt = undefined;
    this.#forgetConnection = connection.onLost((error) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      if (!this.#requester.dispatcher.retry(this, error, connection)) this.fail(error);
    });
    this.#ask(connection).then(
      (value) => {
        if (this.#connection === connection) this.answer.resolve(value);
      },
      (thrown: unknown) => {
        // Of a connection that was lost it is told before.
        if (this.#connection === connection) this.fail(TransferError.from(thrown));
      },
    );
  }

  fail(error: TransferError): void {
    this.end();
    this.answer.reject(() => error);
  }

  watch(nowMs: number): void {
    if (!this.#connection) return;
    const { responseMs } = this.#requester.timeouts;
    this.#askedAt ??= nowMs;
    if (nowMs - this.#askedAt < responseMs) return;
    this.fail(new TransferError('ETIMEDOUT', `The server has not answered for ${responseMs} ms.`));
  }

  /** Waits for no connection and no answer any more. */
  end(): void {
    this.#connection = undefined;
    this.#forgetConnection?.();
    this.#requester.dispatcher.release(this);
  }
}
