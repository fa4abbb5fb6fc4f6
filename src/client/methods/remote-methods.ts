/** `client.remote`: each property is a function that calls the method of its name. */

/** Calls a method by its name. */
type CallByName = (name: string, input: unknown, options: never) => Promise<unknown>;

/** A function for each name, except `then`: an object with a function `then` would be a promise. */
export function remoteMethods(call: CallByName): object {
  return new Proxy(Object.freeze({}), {
    get: (_, name) =>
      typeof name !== 'string' || name === 'then'
        ? undefined
        : (input: unknown, options: never) => call(name, input, options),
  });
}
