/**
 * Limits the connections of a server: in all, per address, and in their handshake. A connection over the limit is not
 * served: it stays in its handshake until its hello, to get the error in its own codec, and counts as pending meanwhile.
 *
 *     check -> add -> markReady -> remove
 *
 * A proxy may announce another address for a connection: it is then removed, and added once more.
 */
import { TransferError } from '../../errors.js';
import { addressGroup } from '../peer.js';

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxPendingHandshakes: number;
}

export interface LimitedConnection {
  readonly address: string | undefined;
  /** Sends an error and closes the connection. */
  reject(error: TransferError): void;
}

export class ConnectionLimiter {
  readonly #limits: ConnectionLimits;
  /** The served connections, with the groups of the addresses under which they were added. */
  readonly #served = new Map<LimitedConnection, string>();
  readonly #servedPerAddress = new Map<string, number>();
  readonly #pending = new Map<LimitedConnection, string>();
  readonly #pendingPerAddress = new Map<string, number>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Number of connections that are served. */
  get size(): number {
    return this.#served.size;
  }

  /** The error for a new connection from an address; undefined if the server can serve it. */
  check(address: string | undefined): TransferError | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    if (this.#served.size >= maxConnections) {
      return new TransferError(
        'EAGAIN',
        `The server has reached its limit of ${maxConnections} connections.`,
      );
    }
    const count = address === undefined ? 0 : (this.#servedPerAddress.get(addressGroup(address)) ?? 0);
    if (count < maxConnectionsPerAddress) return undefined;
    const reason = `This address has reached its limit of ${maxConnectionsPerAddress} connections.`;
    return new TransferError('EAGAIN', reason);
  }

  /** Adds a connection. With too many pending handshakes, rejects the oldest of the address that has the most. */
  add(connection: LimitedConnection, isServed: boolean): void {
    const group = groupOf(connection);
    this.#pending.set(connection, group);
    addTo(this.#pendingPerAddress, group, 1);
    if (isServed) {
      this.#served.set(connection, group);
      addTo(this.#servedPerAddress, group, 1);
    }
    if (this.#pending.size > this.#limits.maxPendingHandshakes) this.#evictOne();
  }

  /** The handshake of a connection has ended. */
  markReady(connection: LimitedConnection): void {
    const group = this.#pending.get(connection);
    if (this.#pending.delete(connection) && group !== undefined) addTo(this.#pendingPerAddress, group, -1);
  }

  /** Removes a closed connection. */
  remove(connection: LimitedConnection): void {
    this.markReady(connection);
    const group = this.#served.get(connection);
    if (this.#served.delete(connection) && group !== undefined) addTo(this.#servedPerAddress, group, -1);
  }

  #evictOne(): void {
    let most: [group: string, count: number] = ['', 0];
    for (const each of this.#pendingPerAddress) if (each[1] > most[1]) most = each;
    for (const [oldest, group] of this.#pending) {
      if (group !== most[0]) continue;
      this.markReady(oldest);
      oldest.reject(
        new TransferError('EAGAIN', 'The server has too many connections that sent no hello yet.'),
      );
      return;
    }
  }
}

function addTo(counts: Map<string, number>, group: string, change: number): void {
  const count = (counts.get(group) ?? 0) + change;
  if (count > 0) counts.set(group, count);
  else counts.delete(group);
}

function groupOf({ address }: LimitedConnection): string {
  return address === undefined ? '' : addressGroup(address);
}
