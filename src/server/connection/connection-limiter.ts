/**
 * Who is served at all: so many connections, so many of one address, and so many that have not been welcomed yet. One
 * that is not served is told so in its own codec, which means to wait for its hello; meanwhile it is unwelcomed, too.
 */
import { TransferError } from '../../errors.js';
import { addressGroup } from '../peer.js';

/** Bounds on connections. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxPendingHandshakes: number;
}

/** A connection, as it is counted. */
export interface Guest {
  readonly address: string | undefined;
  /** Ends it with an error as its last word. */
  refuse(error: TransferError): void;
}

export class ConnectionLimiter {
  readonly #bounds: ConnectionLimits;
  readonly #served = new Set<Guest>();
  readonly #unwelcomed = new Set<Guest>();
  /** How many those are by their addresses. */
  readonly #unwelcomedOf = new Map<string, number>();
  readonly #byAddress = new Map<string, number>();

  constructor(bounds: ConnectionLimits) {
    this.#bounds = bounds;
  }

  /** Connections that are served. */
  get size(): number {
    return this.#served.size;
  }

  /** Why a connection from an address cannot be served; undefined if it can. */
  check(address: string | undefined): TransferError | undefined {
    if (this.#served.size >= this.#bounds.maxConnections) {
      return new TransferError('EAGAIN', 'The server has as many connections as it may have.');
    }
    const ofAddress = address === undefined ? 0 : (this.#byAddress.get(addressGroup(address)) ?? 0);
    if (ofAddress < this.#bounds.maxConnectionsPerAddress) return undefined;
    return new TransferError('EAGAIN', 'The server has as many connections of this address as it may have.');
  }

  /**
   * A connection has come; it is served, or will only be told that it is not. Where too many are unwelcomed, the oldest
   * has to go of the address that has most of them.
   */
  add(guest: Guest, isServed: boolean): void {
    this.#unwelcomed.add(guest);
    addTo(this.#unwelcomedOf, groupOf(guest), 1);
    if (isServed) this.#count(guest);
    if (this.#unwelcomed.size > this.#bounds.maxPendingHandshakes) this.#evictOne();
  }

  #evictOne(): void {
    let most: [group: string, guests: number] = ['', 0];
    for (const each of this.#unwelcomedOf) if (each[1] > most[1]) most = each;
    const oldest = this.#oldestOf(most[0]);
    if (!oldest) return;
    this.markReady(oldest);
    oldest.refuse(
      new TransferError('EAGAIN', 'The server has too many connections that have not said hello.'),
    );
  }

  #oldestOf(group: string): Guest | undefined {
    for (const guest of this.#unwelcomed) if (groupOf(guest) === group) return guest;
    return undefined;
  }

  /** A connection has been welcomed, or must not wait for that any more. */
  markReady(guest: Guest): void {
    if (this.#unwelcomed.delete(guest)) addTo(this.#unwelcomedOf, groupOf(guest), -1);
  }

  /** A connection is over. */
  remove(guest: Guest): void {
    this.markReady(guest);
    if (!this.#served.delete(guest) || guest.address === undefined) return;
    addTo(this.#byAddress, addressGroup(guest.address), -1);
  }

  #count(guest: Guest): void {
    this.#served.add(guest);
    if (guest.address !== undefined) addTo(this.#byAddress, addressGroup(guest.address), 1);
  }
}

function addTo(counts: Map<string, number>, group: string, change: number): void {
  const count = (counts.get(group) ?? 0) + change;
  if (count > 0) counts.set(group, count);
  else counts.delete(group);
}

function groupOf({ address }: Guest): string {
  return address === undefined ? '' : addressGroup(address);
}
