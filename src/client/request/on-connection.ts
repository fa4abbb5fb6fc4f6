/** What is asked of a connection itself: whether it is open, and how long a round trip takes. */
import { TransferError } from '../../errors.js';
import { refuseUnknown } from '../../options/option.js';
import { callOptionNames, checkNotAborted, onOver, type CallOptions } from './abort.js';
import type { ClientConnection } from '../connection/connection.js';
import { Deferred } from '../connection/deferred.js';
import type { Place } from '../../collections/row.js';
import type { Enlisted } from '../connection/link.js';
import type { Requester } from './requester.js';

/** Asks the connection that there is, or the next one; and asks another one if that is lost. */
export async function onConnection<Value>(
  requester: Requester,
  options: CallOptions,
  ask: (connection: ClientConnection) => Promise<Value>,
): Promise<Value> {
  refuseUnknown('FileClient', options, callOptionNames);
  checkNotAborted(options.signal);
  const query = new ConnectionQuery(requester, ask);
  const stopWaiting = onOver(options, (error) => query.fail(error));
  try {
    requester.link.enlist(query);
    return await query.answer.promise;
  } finally {
    stopWaiting();
    query.end();
  }
}

class ConnectionQuery<Value> implements Enlisted {
  place: Place<Enlisted> | undefined;
  readonly answer = new Deferred<Value>();
  readonly #requester: Requester;
  readonly #ask: (connection: ClientConnection) => Promise<Value>;
  /** The connection that is asked; undefined while there is none. */
  #connection: ClientConnection | undefined;
  #forgetConnection: (() => void) | undefined;
  #askedAt: number | undefined;

  constructor(requester: Requester, ask: (connection: ClientConnection) => Promise<Value>) {
    this.#requester = requester;
    this.#ask = ask;
  }

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#askedAt = undefined;
    this.#forgetConnection = connection.onLost((error) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      if (!this.#requester.link.retry(this, error, connection)) this.fail(error);
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
    const { answerMs } = this.#requester.patience;
    this.#askedAt ??= nowMs;
    if (nowMs - this.#askedAt < answerMs) return;
    this.fail(new TransferError('ETIMEDOUT', `The server has not answered for ${answerMs} ms.`));
  }

  /** Waits for no connection and no answer any more. */
  end(): void {
    this.#connection = undefined;
    this.#forgetConnection?.();
    this.#requester.link.release(this);
  }
}
