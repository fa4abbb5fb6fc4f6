/**
 * The datagrams of the handshake. An answer is as long as its question, so that a forged address gets no more bytes than were sent.
 *
 *     HELLO:      header | zeros
 *     HELLO_ACK:  header | number of the HELLO u48 | token u48 | zeros
 */
import { datagramTypes, HEADER_BYTES, writeDatagramHeader, type DatagramHeader } from '../../udp/datagram.js';
import type { DatagramSeal } from '../sealing/datagram-seal.js';

export interface HelloAnswer {
  /** The packet number of the HELLO. */
  readonly helloNumber: number;
  /** A random 48-bit number of the server for the address that sent the HELLO. */
  readonly token: number;
}

const ANSWER_BYTES = 12;

export class HelloDatagrams {
  readonly #connectionId: number;
  readonly #seal: DatagramSeal;
  #nextNumber = 0;

  /** @param seal - of the outgoing direction */
  constructor(connectionId: number, seal: DatagramSeal) {
    this.#connectionId = connectionId;
    this.#seal = seal;
  }

  /** Bytes of the smallest HELLO: its answer must have room. */
  get minSize(): number {
    return HEADER_BYTES + this.#seal.extraBytes + ANSWER_BYTES;
  }

  /** The number of the next HELLO. */
  get nextNumber(): number {
    return this.#nextNumber;
  }

  hello(size: number): Buffer {
    return this.#sealed(datagramTypes.hello, size, Buffer.alloc(0));
  }

  answer(size: number, { helloNumber, token }: HelloAnswer): Buffer {
    const start = Buffer.alloc(ANSWER_BYTES);
    start.writeUIntBE(helloNumber, 0, 6);
    start.writeUIntBE(token, 6, 6);
    return this.#sealed(datagramTypes.helloAck, size, start);
  }

  #sealed(type: DatagramHeader['type'], size: number, start: Buffer): Buffer {
    const { extraBytes, token } = this.#seal;
    const header = {
      type,
      payloadLength: size - HEADER_BYTES - extraBytes,
      connectionId: this.#connectionId,
      packetNumber: this.#nextNumber,
      channelId: 0,
      offset: 0,
      sendTimeUs: 0,
    };
    this.#nextNumber += 1;
    const datagram = Buffer.alloc(HEADER_BYTES + token.length + header.payloadLength);
    writeDatagramHeader(header, datagram);
    datagram.set(token, HEADER_BYTES);
    datagram.set(start, HEADER_BYTES + token.length);
    return this.#seal.seal(datagram);
  }
}

/** Reads the payload of a HELLO_ACK. */
export function parseHelloAnswer(payload: Buffer): HelloAnswer | undefined {
  if (payload.length < ANSWER_BYTES) return undefined;
  return { helloNumber: payload.readUIntBE(0, 6), token: payload.readUIntBE(6, 6) };
}
