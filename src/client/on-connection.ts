/** What is asked of a connection itself: whether it is open, and how long a round trip takes. */
import { TransferError } from '../errors.js';
import { refuseUnknown } from '../protocol/option.js';
import { callOptionNames, checkNotAborted, onOver, type CallOptions } from './abort.js';
import type { ClientConnection } from './connection.js';
import type { Place } from '../session/row.js';
import type { Enlisted } from './link.js';
import type { Requester } from './requester.js';

/** Asks a connection for something. */
type Ask<Value> = (connection: ClientConnection) => Promise<Value>;

/** Asks the connection that there is, or the next one; and asks another one if that is lost. */
export async function onConnection<Value>(
  requester: Requester,
  options: CallOptions,
  ask: Ask<Value>,
): Promise<Value> {
  refuseUnknown('FileClient', options, callOptionNames);
  checkNotAborted(options.signal);
  const question = new Question(requester, ask);
  const stopWaiting = onOver(options, (error) => question.fail(error));
  try {
    return await question.answer();
  } finally {
    stopWaiting();
  }
}

class Question<Value> implements Enlisted {
  place: Place<Enlisted> | undefined;
  readonly #requester: Requester;
  readonly #ask: Ask<Value>;
  #resolve: (value: Value) => void = () => undefined;
  #reject: (error: TransferError) => void = () => undefined;
  #over = false;
  #connection: ClientConnection | undefined;
  #forgetConnection: (() => void) | undefined;
  #askedAt: number | undefined;

  constructor(requester: Requester, ask: Ask<Value>) {
    this.#requester = requester;
    this.#ask = ask;
  }

  answer(): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#requester.link.enlist(this);
    });
  }

  begin(connection: ClientConnection): void {
    this.#connection = connection;
    this.#askedAt = undefined;
    this.#forgetConnection = connection.onLost((error) => this.#lost(error));
    this.#ask(connection).then(
      (value) => {
        if (this.#connection !== connection || this.#over) return;
        this.#end();
        this.#resolve(value);
      },
      (thrown: unknown) => {
        // Of a connection that was lost it is told before.
        if (this.#connection === connection) this.fail(TransferError.from(thrown));
      },
    );
  }

  fail(error: TransferError): void {
    if (this.#over) return;
    this.#end();
    this.#reject(error);
  }

  watch(nowMs: number): void {
    if (!this.#connection) return;
    const { answerMs } = this.#requester.patience;
    this.#askedAt ??= nowMs;
    if (nowMs - this.#askedAt < answerMs) return;
    this.fail(new TransferError('ETIMEDOUT', `The server has not answered for ${answerMs} ms.`));
  }

  #lost(error: TransferError): void {
    const before = this.#connection;
    this.#connection = undefined;
    if (!this.#over && !this.#requester.link.retry(this, error, before)) this.fail(error);
  }

  #end(): void {
    this.#over = true;
    this.#forgetConnection?.();
    this.#requester.link.release(this);
  }
}
