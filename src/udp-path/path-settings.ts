/** What both ends of a path are told of it before the handshake. */
import type { RetainedBudget } from '../udp/sending/payload-slots.js';
import type { PathSnapshot } from '../udp/udp-sender-stats.js';

/** What is remembered of the paths to one host. */
export interface PathMemory {
  /** The rate in bytes per second at which a path with this round trip may begin. */
  initialRate(rttMs: number): number | undefined;
  /** A path that worked has ended. */
  remember(snapshot: PathSnapshot): void;
}

export interface PathSettings {
  readonly connectionId: number;
  /** The round trip of the control connection in ms, until the handshake has measured it. */
  readonly rttMs: number;
  /** Whether both ends are on one host, see `isSameHost`. */
  readonly isSameHost: boolean;
  /** Bytes of the receive buffer of the peer's socket. */
  readonly peerReceiveBuffer: number;
  /** What earlier paths to the peer have measured. */
  readonly memory?: PathMemory | undefined;
  /** What bounds the memory of datagrams that were not reported, of several paths together. */
  readonly retained?: RetainedBudget | undefined;
  /** Bytes per second that this end sends at most. Default `Infinity`. */
  readonly maxRate?: number | undefined;
  /** Bytes per second that the peer was told to send at most; more is dropped. Default `Infinity`. */
  readonly maxIncomingRate?: number | undefined;
}
