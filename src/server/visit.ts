/** A connection as a guest of its server: it is counted, let in or turned away, and told of. */
import type { TransferError } from '../errors.js';
import type { Identity } from './access/identity.js';
import type { Admission, Guest } from './admission.js';
import type { ConnectionListener, Entrance, Shared } from './connection-context.js';
import { Connection } from './connection.js';
import { peerOf } from './peer.js';
import type { ConnectionInfo, RequestReport } from './reports.js';

/** Whom it visits. */
export interface Host {
  readonly shared: Shared;
  readonly admission: Admission;
  /** Somebody has come; with an error where they are not served. */
  came(visit: Visit, refusal: TransferError | undefined): void;
  /** They have been let in by `authenticate`. */
  admitted(connection: ConnectionInfo, identity: Identity): void;
  /** They, or their login, were refused. */
  refused(connection: ConnectionInfo, error: TransferError, user: string | undefined): void;
  /** A request has ended. */
  settled(report: RequestReport): void;
  /** They are gone; with an error unless both sides had finished. */
  left(visit: Visit, error: TransferError | undefined): void;
}

/** Lets somebody in, or lets them be told why not. Gives their connection. */
export function receive(host: Host, entrance: Entrance): Connection {
  return new Visit(host, entrance).connection;
}

export class Visit implements Guest, ConnectionListener {
  readonly address: string | undefined;
  readonly connection: Connection;
  readonly #host: Host;

  constructor(host: Host, entrance: Entrance) {
    const { shared, admission } = host;
    const { tally, door } = shared;
    this.#host = host;
    tally.totalConnections += 1;
    const peer = peerOf(entrance.duplex);
    this.address = peer.address;
    const refusal = admission.refusal(peer.address) ?? door.refusal(peer.address);
    if (refusal) tally.refusedConnections += 1;
    const id = tally.totalConnections;
    this.connection = new Connection(shared, { id, entrance, peer, refusal, listener: this });
    admission.entered(this, refusal === undefined);
    host.came(this, refusal);
  }

  evict(error: TransferError): void {
    this.connection.refuse(error);
  }

  turnedAway(error: TransferError): void {
    this.#host.shared.tally.refusedConnections += 1;
    this.#tellRefusal(error, undefined);
  }

  refused(user: string | undefined, error: TransferError): void {
    this.#host.shared.tally.refusedLogins += 1;
    this.#tellRefusal(error, user);
  }

  welcomed(): void {
    this.#host.admission.welcomed(this);
  }

  admitted(identity: Identity): void {
    process.nextTick(() => this.#host.admitted(this.connection.info, identity));
  }

  request(report: RequestReport): void {
    this.#host.settled(report);
  }

  closed(error: TransferError | undefined): void {
    this.#host.admission.left(this);
    this.#host.left(this, error);
  }

  // What a listener throws must not reach whoever refuses.
  #tellRefusal(error: TransferError, user: string | undefined): void {
    process.nextTick(() => this.#host.refused(this.connection.info, error, user));
  }
}
