/** A server and a client in memory. */
import type { AnyMethods, SharedApi } from '../protocol/methods/shared-api.js';
import type { FileClient } from '../client/file-client.js';
import { rejectUnknownOptions } from '../options/option.js';
import type { FileServer } from '../server/file-server.js';
import type { Identity } from '../server/identity.js';
import type { MemoryStorage } from '../storage/memory/memory-storage.js';
import type { ConnectedPairOptions } from './options.js';
import { testServer, type TestServer } from './test-server.js';

/** A server and a client that are connected in memory, which {@link connectedPair} makes. */
export class ConnectedPair<
  Api extends SharedApi<Api> = AnyMethods,
  IdentityType extends Identity = Identity,
> {
  /** The client. Its first request connects it, and each request after a cut connects it again. */
  readonly client: FileClient<Api>;
  readonly #place: TestServer<Api, IdentityType>;

  /** @internal */
  constructor(place: TestServer<Api, IdentityType>, client: FileClient<Api>) {
    this.#place = place;
    this.client = client;
  }

  /** The server. */
  get server(): FileServer<Api, IdentityType> {
    return this.#place.server;
  }

  /** The files in memory that the server serves, unless the options name a `storage` or a `root`. */
  get storage(): MemoryStorage {
    return this.#place.storage;
  }

  /** Cuts the connection: both ends see a reset. */
  cut(): void {
    this.#place.cut();
  }

  /** Closes both ends now. Resolves when no connection is left. */
  async close(): Promise<void> {
    await this.#place.close();
  }

  /** Is `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Makes a server and a client that are connected in memory, without a port.
 *
 * @throws TypeError if an option is wrong
 * @example
 * ```ts
 * await using pair = await connectedPair({ files: { 'a.txt': 'hello' }, wire: { splitBytes: 3 } });
 * console.log(await pair.client.readFile('a.txt', 'utf8'));
 * ```
 */
export async function connectedPair<
  Api extends SharedApi<Api> = AnyMethods,
  IdentityType extends Identity = Identity,
>(options: ConnectedPairOptions<IdentityType> = {}): Promise<ConnectedPair<Api, IdentityType>> {
  rejectUnknownOptions('connectedPair', options, ['files', 'wire', 'server', 'client']);
  const { files, wire, server, client } = options;
  const place = await testServer<Api, IdentityType>({ ...server, files, wire, transport: 'memory' });
  return new ConnectedPair(place, place.connect(client));
}
