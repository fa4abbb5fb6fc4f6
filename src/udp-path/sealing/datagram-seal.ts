/** How datagrams of one direction are protected. One implementation authenticates and encrypts, the other has a token. */
import type { DatagramHeader } from '../../udp/datagram.js';

export interface DatagramSeal {
  /** Bytes of a datagram besides header and payload. */
  readonly extraBytes: number;
  /** The bytes that the sender writes between header and payload; empty if the seal adds its bytes itself. */
  readonly token: Uint8Array;
  /** Returns the datagram as it is sent. A seal that copies reuses its memory for the next datagram. */
  seal(datagram: Buffer): Buffer;
  /** The operating system still holds the last sealed datagram: its memory must not be reused. */
  keepLast(): void;
  /** Returns the payload of a datagram; `undefined` if it is not authentic. */
  open(datagram: Buffer, header: Readonly<DatagramHeader>): Buffer | undefined;
}
