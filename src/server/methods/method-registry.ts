/** The methods that a server shares, by name. */
import type { Duplex } from 'node:stream';
import { methodName } from '../../protocol/methods/method-name.js';
import type { MethodContext } from './method-context.js';
import type { MethodSettings } from './options.js';

/** The handler of a method that is called, whatever its types. */
export type CallHandler = (input: unknown, context: MethodContext) => unknown;

/** The handler of a stream method, whatever its types. */
export type StreamHandler = (duplex: Duplex, input: unknown, context: MethodContext) => unknown;

/** A method that is called: one input, one output. */
export interface CallMethod extends MethodSettings {
  readonly kind: 'call';
  readonly name: string;
  readonly handler: CallHandler;
}

/** A method that is opened: a Duplex of bytes. */
export interface StreamMethod extends MethodSettings {
  readonly kind: 'stream';
  readonly name: string;
  readonly handler: StreamHandler;
}

export type SharedMethod = CallMethod | StreamMethod;

export class MethodRegistry {
  readonly #methods = new Map<string, SharedMethod>();

  /** Throws a TypeError if the name is not valid or already has a method, or if the handler is no function. */
  add(method: SharedMethod): void {
    const name = methodName(method.name);
    if (typeof (method.handler as unknown) !== 'function')
      throw new TypeError(`The handler of the method ${name} must be a function.`);
    if (this.#methods.has(name)) throw new TypeError(`The server already has a method ${name}.`);
    this.#methods.set(name, method);
  }

  find(name: string | undefined): SharedMethod | undefined {
    return name === undefined ? undefined : this.#methods.get(name);
  }

  /** All methods, in the order in which they were added. */
  all(): Iterable<SharedMethod> {
    return this.#methods.values();
  }
}
