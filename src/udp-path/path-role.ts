/** The boundary between a path and its half of the handshake, which knows the address of the peer. */
import type { PathConfirmation } from '../udp/body-path.js';
import type { HelloAnswer } from './handshake/hello-datagrams.js';
import type { Source } from './socket/datagram-socket.js';

/** What is known about a path, at a time in ms. */
export interface PathTimes {
  readonly nowMs: number;
  /** The last time at which a datagram arrived, or a report told that one did. */
  readonly lastProofMs: number;
  /** The last time at which data was sent or has arrived. */
  readonly lastDataMs: number;
}

/** A peer that datagrams reach. */
export interface ReachedPeer {
  readonly source: Source;
  /** Bytes of the largest datagram that went both ways. */
  readonly size: number;
  readonly rttMs: number;
}

/** What a path does for its half of the handshake. */
export interface PathControls {
  send(datagram: Buffer, to: Source): void;
  /** Data goes to this peer from now on. */
  use(peer: ReachedPeer): void;
  fail(reason: string): void;
}

/** The client's or the server's half of the handshake. Only authentic datagrams come here. */
export interface PathRole {
  /** The path is ready to send and receive. */
  start(controls: PathControls): void;
  /** Whether data may come from this address. */
  accepts(source: Source): boolean;
  onHello(packetNumber: number, size: number, source: Source): void;
  onAnswer(answer: HelloAnswer): void;
  /** @throws TransferError `EPROTO` */
  onConfirmation(confirmation: PathConfirmation): void;
  /** A datagram of the peer has arrived, or a report has told that the peer received some. */
  onProof(source?: Source): void;
  /** Called four times a second. */
  onTick(times: PathTimes): void;
  stop(): void;
}
