/** MethodServer: the methods that a server shares with its clients. */
import { EventEmitter } from 'node:events';
import type { AnyMethods, CallName, InputOf, OutputOf, SharedApi } from '../protocol/methods/shared-api.js';
import type { Identity } from './identity.js';
import type { MethodContext } from './methods/method-context.js';
import { MethodRegistry, type CallHandler } from './methods/method-registry.js';
import { methodSettings, type MethodOptions } from './methods/options.js';
import type { FileServerEvents } from './monitoring/connection-info.js';

/** A function that a server shares: takes the input of a call, and returns its output or a promise of it. */
export type MethodHandler<Input = unknown, Output = unknown, IdentityType extends Identity = Identity> = (
  input: Input,
  context: MethodContext<IdentityType>,
) => Output | Promise<Output>;

/** A map, because even a protected property would be part of the API. */
const registries = new WeakMap<object, MethodRegistry>();

/** The methods of a server. */
export function methodsOf(server: object): MethodRegistry {
  const registry = registries.get(server) ?? new MethodRegistry();
  registries.set(server, registry);
  return registry;
}

/** The methods of a {@link FileServer} that share functions with its clients. */
export abstract class MethodServer<
  Api extends SharedApi<Api> = AnyMethods,
  IdentityType extends Identity = Identity,
> extends EventEmitter<FileServerEvents<IdentityType>> {
  /**
   * Shares a function with the clients, which call it by `client.call(name, input)`. Input and output are JSON values. Before
   * or after `listen()`.
   *
   * @param name - a letter or `_`, and up to 99 letters, digits, `_`, `.`, `:`, `/` and `-`
   * @throws TypeError if the name is not valid or already has a method, or if an option is wrong
   */
  method<Name extends CallName<Api>>(
    name: Name,
    handler: MethodHandler<InputOf<Api, Name>, OutputOf<Api, Name>, IdentityType>,
  ): this;
  method<Name extends CallName<Api>>(
    name: Name,
    options: MethodOptions,
    handler: MethodHandler<InputOf<Api, Name>, OutputOf<Api, Name>, IdentityType>,
  ): this;
  method(name: string, ...rest: readonly unknown[]): this {
    const [options, handler] = (rest.length > 1 ? rest : [{}, rest[0]]) as [MethodOptions, CallHandler];
    methodsOf(this).add({ ...methodSettings(name, options), kind: 'call', name, handler });
    return this;
  }
}
