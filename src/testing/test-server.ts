/**
 * A server for one test, and its clients.
 *
 *     testServer -> FileServer on MemoryStorage <-- TCP, or FaultyWire --> FileClient of connect()
 */
import type { AnyMethods, SharedApi } from '../protocol/methods/shared-api.js';
import type { Duplex } from 'node:stream';
import { FileClient } from '../client/file-client.js';
import type { FileClientOptions } from '../client/options.js';
import { choiceOption } from '../options/option.js';
import { FileServer } from '../server/file-server.js';
import type { Identity } from '../server/identity.js';
import type { MemoryStorage } from '../storage/memory/memory-storage.js';
import { faultyWire, type FaultyWire } from './faulty-wire.js';
import { memoryFiles } from './memory-files.js';
import type { TestServerOptions, WireOption } from './options.js';

interface TestServerParts<Api extends SharedApi<Api>, IdentityType extends Identity> {
  readonly server: FileServer<Api, IdentityType>;
  readonly storage: MemoryStorage;
  readonly wire: WireOption;
  readonly transport: 'tcp' | 'memory';
}

/** A server for one test, which {@link testServer} makes. */
export class TestServer<Api extends SharedApi<Api> = AnyMethods, IdentityType extends Identity = Identity> {
  /** The server. */
  readonly server: FileServer<Api, IdentityType>;
  /** The files in memory that the server serves, unless the options name a `storage` or a `root`. */
  readonly storage: MemoryStorage;
  readonly #parts: TestServerParts<Api, IdentityType>;
  readonly #clients = new Set<FileClient<Api>>();
  readonly #wires = new Set<FaultyWire>();
  #connections = 0;

  /** @internal */
  constructor(parts: TestServerParts<Api, IdentityType>) {
    this.server = parts.server;
    this.storage = parts.storage;
    this.#parts = parts;
  }

  /**
   * The port of the server.
   *
   * @throws TypeError if the transport is `'memory'`
   */
  get port(): number {
    return this.server.port;
  }

  /** The wires of the connections in memory that are not closed, in the order in which they were made. */
  get wires(): readonly FaultyWire[] {
    return [...this.#wires].filter(({ closed }) => !closed);
  }

  /** Makes a client of the server, which `close()` closes. Each of its connections in memory is another wire. */
  connect(options: FileClientOptions = {}): FileClient<Api> {
    const where =
      this.#parts.transport === 'tcp' ? { port: this.server.port } : { connect: () => this.connection() };
    const client = new FileClient<Api>({ ...where, ...options });
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    return client;
  }

  /** Makes a connection in memory, and returns its end for a client. Also of a server that listens. */
  connection(): Duplex {
    const { wire } = this.#parts;
    this.#connections += 1;
    const made = faultyWire(typeof wire === 'function' ? wire(this.#connections) : wire);
    for (const older of this.#wires) if (older.closed) this.#wires.delete(older);
    this.#wires.add(made);
    this.server.accept(made.server);
    return made.client;
  }

  /** Cuts all connections in memory. */
  cut(): void {
    for (const wire of this.wires) wire.cut();
  }

  /** Closes the clients and the server now. Resolves when no connection is left. */
  async close(): Promise<void> {
    for (const client of [...this.#clients]) client.destroy();
    this.server.destroy();
    await this.server.close();
    for (const wire of this.#wires) wire[Symbol.dispose]();
  }

  /** Is `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Starts a server for one test, with files in memory.
 *
 * @throws TypeError if an option is wrong
 * @example
 * ```ts
 * await using place = await testServer({ files: { 'a.txt': 'hello' } });
 * const client = place.connect();
 * ```
 */
export async function testServer<
  Api extends SharedApi<Api> = AnyMethods,
  IdentityType extends Identity = Identity,
>(options: TestServerOptions<IdentityType> = {}): Promise<TestServer<Api, IdentityType>> {
  const { files, transport: given, wire = {}, ...serverOptions } = options;
  const transport = choiceOption('transport', given, { choices: ['tcp', 'memory'], default: 'tcp' });
  const isOther = serverOptions.storage !== undefined || serverOptions.root !== undefined;
  if (files && isOther) throw new TypeError('testServer takes files, storage or root, only one of them.');
  const storage = await memoryFiles(files);
  const server = new FileServer<Api, IdentityType>(isOther ? serverOptions : { ...serverOptions, storage });
  if (transport === 'tcp') await server.listen(0);
  return new TestServer({ server, storage, wire, transport });
}
