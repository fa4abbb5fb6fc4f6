/** `client.remote`: each property is a function that calls the method of its name. */

import type { MethodCallOptions } from './call-method.js';

/** Calls a method by its name. */
type CallByName = (name: string, input: unknown, options: MethodCallOptions | undefined) => Promise<unknown>;

/** A function for each name, except `then`: an object with a function `then` would be a promise. */
export function remoteMethods(call: CallByName): object {
  return new Proxy(Object.freeze({}), {
    get: (_, name) =>
      typeof name !== 'string' || name === 'then'
        ? undefined
        : (input?: unknown, options?: MethodCallOptions) => call(name, input, options),
  });
}
