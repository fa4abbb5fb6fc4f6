/** What a sender of datagrams is made of. */
import type { BodySource } from './body-source.js';
import type { RetainedBudget } from './sending/payload-slots.js';

export interface UdpSenderSettings {
  /** The round trip in us, as the handshake has measured it. */
  readonly rttUs: number;
  /** Bytes between header and payload of each datagram. Default none. */
  readonly token?: Uint8Array | undefined;
  /** Bytes that sealing adds behind each datagram. Default 0. */
  readonly tagBytes?: number | undefined;
  /** Bytes per second to begin with: half of the `bandwidth` of an earlier connection. Default 32 datagrams a round trip. */
  readonly initialRate?: number | undefined;
  /** Never send more bytes per second. Default Infinity. */
  readonly maxRate?: number | undefined;
  /** For a peer on the same host: bytes in flight at most, a part of its receive buffer. Default: the path is measured. */
  readonly localInflightBytes?: number | undefined;
  /** Bytes of memory for payloads that have not been reported. Default 64 MiB. */
  readonly maxRetainedBytes?: number | undefined;
  /** What bounds this memory together with that of other senders. Default none. */
  readonly retained?: RetainedBudget | undefined;
  /** Numbers from 0 to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

export interface UdpSenderOptions {
  /** Bytes of the largest datagram that the path carries, of payload, header and everything else above UDP. */
  readonly datagramBytes: number;
  readonly connectionId: number;
  readonly source: BodySource;
  /**
   * Sends a datagram. Its memory does not change until its packet has been reported. Returns false if no more should be
   * sent for now, because the queue of the socket is full.
   */
  readonly emit: (datagram: Buffer) => boolean;
  readonly settings: UdpSenderSettings;
}
