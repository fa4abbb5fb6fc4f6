/** Bytes that may be in flight to a peer on the same host, whose buffer is the only queue. */

/** The part of the peer's receive buffer. The system counts more than the bytes. */
const BUFFER_PART = 0.35;

/** Datagrams at least, whatever the peer says of its buffer: with none, nothing would be sent for ever. */
const MIN_DATAGRAMS = 4;

export function localInflightBytes(peerReceiveBuffer: number, datagramBytes: number): number {
  return Math.max(peerReceiveBuffer * BUFFER_PART, MIN_DATAGRAMS * datagramBytes);
}
