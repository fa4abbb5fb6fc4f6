/** MethodClient: the methods of a client that use what the server shares. */
import type {
  AnyMethods,
  CallArguments,
  CallName,
  OutputOf,
  SharedApi,
  StreamName,
  StreamOutputOf,
} from '../protocol/methods/shared-api.js';
import { contextOf } from './base-client.js';
import { EntryClient } from './entry-client.js';
import { callMethod, type MethodCallOptions, type RemoteMethods } from './methods/call-method.js';
import { listMethods, type MethodInfo } from './methods/list-methods.js';
import { MethodDuplex, type MethodStream } from './methods/method-duplex.js';
import { remoteMethods } from './methods/remote-methods.js';
import type { CallOptions } from './request/abort.js';

/** The methods of a {@link FileClient} that call functions which the server shares. */
export abstract class MethodClient<Api extends SharedApi<Api> = AnyMethods> extends EntryClient {
  readonly #context = contextOf(this);

  /**
   * The methods of the server as functions: `client.remote.name(input, options)` is `client.call('name', input, options)`.
   */
  readonly remote = remoteMethods((name, input, options) =>
    callMethod(this.#context, { name, input }, options ?? {}),
  ) as RemoteMethods<Api>;

  /**
   * Calls a method that the server shares. Resolves with its output. Input and output are JSON values. The method runs at most
   * once, also if connections are lost. Fails with ENOENT if there is no such method, EACCES, EINVAL for a wrong input, EMSGSIZE
   * for one that is too large, and with what the method throws.
   *
   * @throws TypeError if the input is not JSON: the message has the path of the part, such as `input.items[3]`
   */
  async call<Name extends CallName<Api>>(
    name: Name,
    ...args: CallArguments<Api, Name, MethodCallOptions>
  ): Promise<OutputOf<Api, Name>> {
    const [input, options = {}] = args as [unknown?, MethodCallOptions?];
    return (await callMethod(this.#context, { name, input }, options)) as OutputOf<Api, Name>;
  }

  /**
   * Opens a stream method that the server shares, as a Duplex. `finish` means that the method has succeeded, with all bytes.
   * Fails with what the method throws, ENOENT, EACCES, EINVAL, EMSGSIZE for an input of more than 8,192 bytes; and with
   * ECONNRESET if the connection is lost: the method is not run again.
   *
   * @throws TypeError if the input is not JSON
   */
  open<Name extends StreamName<Api>>(
    name: Name,
    ...args: CallArguments<Api, Name, CallOptions>
  ): MethodStream<StreamOutputOf<Api, Name>> {
    const [input, options = {}] = args as [unknown?, CallOptions?];
    return new MethodDuplex(this.#context, { name, input, options }) as MethodStream<
      StreamOutputOf<Api, Name>
    >;
  }

  /** Iterates the methods that the server shares with this client: only those that its login may use. */
  methods(options: CallOptions = {}): AsyncIterableIterator<MethodInfo> {
    return listMethods(this.#context, options);
  }
}
