/**
 * The boundary between a session and a UDP path. The session gives a path the bytes of bodies, and carries its reports over
 * TCP; the path gives the session the bytes that arrive, in any order.
 *
 *     session -> take() -> path ~~ datagrams ~~> path -> receive() -> session
 *     session <- sendReceiverReport() -> frame over TCP -> onReceiverReport() -> path
 */
import type { BodyPiece, BodySource } from './body-source.js';
import type { ReceiverReport } from './report.js';
import type { PathSnapshot } from './udp-sender-stats.js';

/** What a client says over TCP when a HELLO_ACK has arrived: datagrams reach its address. */
export interface PathConfirmation {
  /** The 48-bit number that the HELLO_ACK carried. */
  readonly token: number;
  /** Bytes of the largest datagram that went both ways. */
  readonly size: number;
}

/** What a session gives a path. */
export interface BodyPathHost extends BodySource {
  /** Bytes have arrived, in any order, perhaps of an unknown channel. They are valid only during the call. */
  receive(piece: BodyPiece): void;
  /** Whether a receiver report may be sent: not while earlier frames wait because the peer does not read. */
  readonly canReport: boolean;
  /** Whether so much has arrived beyond a limit that further datagrams are to be dropped. */
  readonly isOverLimit: boolean;
  sendReceiverReport(report: ReceiverReport): void;
  /** @param sentTo - all packet numbers below it have been sent */
  sendSenderReport(sentTo: number): void;
  /** Sends a `path` frame. Only the path of a client calls it. */
  sendPathConfirmation(confirmation: PathConfirmation): void;
  /**
   * Called once, when the path fails. The session sends these pieces over TCP.
   *
   * @param isNetwork - datagrams do not get through: they will not for the next path either
   */
  onBroken(reason: string, unacknowledged: Iterable<BodyPiece>, isNetwork: boolean): void;
}

export interface PathStats {
  /** Bytes of a datagram, at most. */
  readonly datagramBytes: number;
  readonly datagramsSent: number;
  readonly datagramsReceived: number;
  /** Datagrams that were sent again because they were lost. */
  readonly datagramsLost: number;
  /** Datagrams that were not authentic, malformed, repeated or from a wrong address. */
  readonly datagramsRejected: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** The rate at which the path sends now, in bytes per second. */
  readonly rate: number;
  /** The smallest round trip so far in ms. 0: not measured. */
  readonly rttMs: number;
}

/** A path, as a session uses it. */
export interface BodyPath {
  /** There are bytes to take. */
  wake(): void;
  /** @throws TransferError `EPROTO` - the report contradicts what was sent */
  onReceiverReport(report: ReceiverReport): void;
  /** @throws TransferError `EPROTO` - the number is impossible */
  onSenderReport(sentTo: number): void;
  /**
   * A `path` frame has arrived. Only the path of a server accepts one.
   *
   * @throws TransferError `EPROTO` - no HELLO_ACK carried the token
   */
  onPathConfirmation(confirmation: PathConfirmation): void;
  /** Forgets the bytes of a channel that were not acknowledged. */
  drop(channelId: number): void;
  /** Ends the path as if it had failed: calls `onBroken`. */
  fail(reason: string): void;
  /** Releases socket and timers. `onBroken` is not called any more. */
  close(): void;
  /** What to remember of the path for the next connection; `undefined` before the first measurement. */
  snapshot(): PathSnapshot | undefined;
  readonly stats: PathStats;
  /** Bytes per second that this end may send, at most; `Infinity` without a limit. */
  readonly maxRate: number;
}
