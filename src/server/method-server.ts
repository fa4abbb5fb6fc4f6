/** MethodServer: the methods that a server shares with its clients. */
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type {
  AnyMethods,
  CallName,
  InputOf,
  OutputOf,
  SharedApi,
  StreamName,
  StreamOutputOf,
} from '../protocol/methods/shared-api.js';
import type { Identity } from './identity.js';
import type { MethodContext } from './methods/method-context.js';
import { MethodRegistry, type CallHandler, type StreamHandler } from './methods/method-registry.js';
import { methodSettings, type MethodOptions } from './methods/options.js';
import type { FileServerEvents } from './monitoring/connection-info.js';

/** A function that a server shares: takes the input of a call, and returns its output or a promise of it. */
export type MethodHandler<Input = unknown, Output = unknown, IdentityType extends Identity = Identity> = (
  input: Input,
  context: MethodContext<IdentityType>,
) => Output | Promise<Output>;

/** A function with a stream: takes the stream and the input, and returns the output or a promise of it. */
export type StreamMethodHandler<
  Input = unknown,
  Output = unknown,
  IdentityType extends Identity = Identity,
> = (duplex: Duplex, input: Input, context: MethodContext<IdentityType>) => Output | Promise<Output>;

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

  /**
   * Shares a function that has a Duplex to its client, which opens it by `client.open(name, input)`. What the handler returns is
   * the output; its return ends the stream. Input and output are JSON values of at most 8,192 bytes. Before or after `listen()`.
   *
   * @param options - as of `method`; `idempotent` has no effect, because the stream ends with its connection
   * @throws TypeError if the name is not valid or already has a method, or if an option is wrong
   */
  streamMethod<Name extends StreamName<Api>>(
    name: Name,
    options: MethodOptions,
    handler: StreamMethodHandler<InputOf<Api, Name>, StreamOutputOf<Api, Name>, IdentityType>,
  ): this;
  streamMethod<Name extends StreamName<Api>>(
    name: Name,
    handler: StreamMethodHandler<InputOf<Api, Name>, StreamOutputOf<Api, Name>, IdentityType>,
  ): this;
  streamMethod(name: string, ...rest: readonly unknown[]): this {
    const [options, handler] = (rest.length > 1 ? rest : [{}, rest[0]]) as [MethodOptions, StreamHandler];
    methodsOf(this).add({ ...methodSettings(name, options), kind: 'stream', name, handler });
    return this;
  }
}
