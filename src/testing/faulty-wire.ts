/**
 * A connection in memory that breaks on purpose. What it does depends only on its options and on the bytes that are written.
 *
 *     client (Duplex) -> Lane: split, flip, delay, cut -> server (Duplex)
 *     client (Duplex) <- Lane                          <- server (Duplex)
 */
import type { Duplex } from 'node:stream';
import { wireFaults, type FaultyWireOptions, type WireFaults } from './options.js';
import { Lane } from './lane.js';
import { WireEnd } from './wire-end.js';

/** A connection in memory, which {@link faultyWire} makes. */
export class FaultyWire {
  readonly #client = new WireEnd();
  readonly #server = new WireEnd();
  readonly #toServer: Lane;
  readonly #toClient: Lane;

  /** @internal */
  constructor({ direction, ...faults }: WireFaults) {
    const { seed } = faults;
    const onCut = (): void => this.cut();
    const none = { seed };
    const ofServer = direction === 'toClient' ? none : faults;
    const ofClient = direction === 'toServer' ? none : { ...faults, seed: seed + 1 };
    this.#toServer = new Lane(this.#server, ofServer, onCut);
    this.#toClient = new Lane(this.#client, ofClient, onCut);
    this.#client.writeTo(this.#toServer);
    this.#server.writeTo(this.#toClient);
    this.#client.once('close', () => this.#toClient.stop());
    this.#server.once('close', () => this.#toServer.stop());
  }

  /** The end for the client: return it from the option `connect`. */
  get client(): Duplex {
    return this.#client;
  }

  /** The end for the server: pass it to `server.accept()`. */
  get server(): Duplex {
    return this.#server;
  }

  /** Bytes that have arrived at the server's end. */
  get bytesToServer(): number {
    return this.#toServer.bytes;
  }

  /** Bytes that have arrived at the client's end. */
  get bytesToClient(): number {
    return this.#toClient.bytes;
  }

  /** Whether both ends are closed. */
  get closed(): boolean {
    return this.#client.destroyed && this.#server.destroyed;
  }

  /** Cuts the wire now: both ends fail with ECONNRESET, and bytes on their way are lost. */
  cut(): void {
    for (const end of [this.#client, this.#server]) {
      end.destroy(Object.assign(new Error('The wire was cut.'), { code: 'ECONNRESET' }));
    }
    this.#toServer.stop();
    this.#toClient.stop();
  }

  /** Closes both ends without an error, and stops all timers. */
  [Symbol.dispose](): void {
    this.#client.destroy();
    this.#server.destroy();
    this.#toServer.stop();
    this.#toClient.stop();
  }
}

/**
 * Makes a connection in memory that breaks on purpose. Without options it is a good one.
 *
 * @throws TypeError if an option is wrong
 * @example
 * ```ts
 * const wire = faultyWire({ cutAfterBytes: 100_000, splitBytes: 7 });
 * server.accept(wire.server);
 * const client = new FileClient({ connect: () => wire.client });
 * ```
 */
export function faultyWire(options: FaultyWireOptions = {}): FaultyWire {
  return new FaultyWire(wireFaults(options));
}
