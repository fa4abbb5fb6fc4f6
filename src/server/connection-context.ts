/** What a connection of a server is given: what it shares with the others, what is its own, and whom it tells. */
import type { Duplex } from 'node:stream';
import type { TransferError } from '../errors.js';
import type { ChooseCodec } from '../session/server-session.js';
import type { Bandwidths } from './access/bandwidths.js';
import type { Door } from './access/door.js';
import type { Identity } from './access/identity.js';
import type { ServerSettings } from './options.js';
import type { Peer } from './peer.js';
import type { SharedReceiveBudget } from './receive-budget.js';
import type { RequestReport } from './reports.js';
import type { Tally } from './stats.js';
import type { TlsGate } from './tls-gate.js';
import type { Uploads } from './uploads.js';

/** What the owner of a connection is told. */
export interface ConnectionListener {
  /** A login was refused. */
  refused(user: string | undefined, error: TransferError): void;
  /** It is not served, for what the gate has found. */
  turnedAway(error: TransferError): void;
  /** It has been welcomed. */
  welcomed(): void;
  /** Whom it has been welcomed as. */
  admitted(identity: Identity): void;
  /** A request has ended. */
  request(report: RequestReport): void;
  /** The connection is closed; with an error unless both sides had finished. */
  closed(error: TransferError | undefined): void;
}

/** What a server's connections have in common. */
export interface Shared {
  readonly settings: ServerSettings;
  readonly chooseCodec: ChooseCodec;
  readonly tally: Tally;
  readonly uploads: Uploads;
  readonly door: Door;
  readonly receiveBudget: SharedReceiveBudget;
  readonly bandwidths: Bandwidths;
}

/** What somebody comes by: nothing where the connection is the user's to carry. */
export interface Entrance {
  readonly duplex: Duplex | undefined;
  /** Whether the duplex is a socket that nobody else reads. */
  readonly isOwn: boolean;
  /** What the duplex has to pass first. */
  readonly gate: TlsGate | undefined;
}

/** What is a connection's own. */
export interface ConnectionContext {
  readonly id: number;
  readonly entrance: Entrance;
  readonly peer: Peer;
  /** Why it is not served. */
  readonly refusal: TransferError | undefined;
  readonly listener: ConnectionListener;
}
