/** What is asked of a connection itself: whether it is open, and how long a round trip takes. */
import { TransferError } from '../errors.js';
import { refuseUnknown } from '../protocol/option.js';
import { callOptionNames, checkNotAborted, onOver, type CallOptions } from './abort.js';
import type { ClientConnection } from './connection.js';
import type { Enlisted, Link } from './link.js';

/** Asks the connection that there is, or the next one; and asks another one if that is lost. */
export function onConnection<Value>(
  link: Link,
  options: CallOptions,
  ask: (connection: ClientConnection) => Promise<Value>,
): Promise<Value> {
  refuseUnknown('FileClient', options, callOptionNames);
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      stopWaiting();
      link.release(enlisted);
    };
    const enlisted: Enlisted = {
      begin: (connection) => {
        ask(connection).then(
          (value) => {
            settle();
            resolve(value);
          },
          (thrown: unknown) => {
            const error = TransferError.from(thrown);
            if (!wanted || !link.retry(enlisted, error)) enlisted.fail(error);
          },
        );
      },
      fail: (error) => {
        wanted = false;
        settle();
        reject(error);
      },
      watch: () => undefined,
    };
    let wanted = true;
    checkNotAborted(options.signal);
    const stopWaiting = onOver(options, (error) => enlisted.fail(error));
    link.enlist(enlisted);
  });
}
