/**
 * The kit's end of a UDP path in clear: HELLO and HELLO-ACK, DATA of both directions, and the reports about what has arrived. It
 * follows docs/protocol.md alone.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * @typedef {{ type: number, number: number, channel: number, offset: number, sendTime: number, payload: Buffer, bytes: number }} Datagram
 * @typedef {{ connection: number, secret: string, isServer: boolean, drops?: number, timeoutMs: number }} PathOptions
 */

const HEADER_BYTES = 28;
const TOKEN_BYTES = 8;
export const types = { data: 1, hello: 2, helloAck: 3 };

/** Datagrams of which some are dropped: after it, the other end sends at its full rate again. */
const MAX_DROPPING = 100;

export class Datagrams {
  /** Bytes of the DATA that have arrived, whole datagrams, each number once. */
  receivedBytes = 0;
  /** Bytes of the largest DATA. */
  largestBytes = 0;
  #dataCount = 0;
  #socket = createSocket('udp4');
  #options;
  /** @type {Datagram[]} */
  #handshake = [];
  /** The bodies by channel: pieces by offset. @type {Map<number, Map<number, Buffer>>} */
  #bodies = new Map();
  /** The numbers that have arrived, from `#resolvedTo` on. @type {Set<number>} */
  #numbers = new Set();
  #resolvedTo = 0;
  /** @type {Datagram | undefined} */
  #last;
  #arrivedUs = 0;
  #reportedBytes = 0;
  #nextHello = 0;
  #nextData = 0;
  /** @type {{ address: string, port: number } | undefined} */
  #peer;
  /** @type {() => void} */
  #wake = () => undefined;

  /** @param {PathOptions} options */
  constructor(options) {
    this.#options = options;
    this.#socket.on('message', (bytes, { address, port }) => this.#receive(bytes, { address, port }));
  }

  /** Binds a port of this host. */
  async open() {
    this.#socket.bind(0, this.#options.isServer ? '127.0.0.1' : undefined);
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  close() {
    this.#socket.close();
  }

  /** @param {{ address: string, port: number }} peer */
  connect(peer) {
    this.#peer = peer;
  }

  /** Sends a HELLO of so many bytes. Returns its number. @param {number} bytes */
  sendHello(bytes) {
    const number = this.#nextHello++;
    this.#send({ type: types.hello, number, payload: Buffer.alloc(bytes - HEADER_BYTES - TOKEN_BYTES) });
    return number;
  }

  /** The next HELLO or HELLO-ACK. @returns {Promise<Datagram>} */
  async nextHandshake() {
    await this.#until(() => this.#handshake.length > 0, 'no HELLO or HELLO-ACK');
    return /** @type {Datagram} */ (this.#handshake.shift());
  }

  /** Answers a HELLO with this token. @param {Datagram} hello @param {number} token */
  answer(hello, token) {
    const payload = Buffer.alloc(hello.payload.length);
    payload.writeUIntBE(hello.number, 0, 6);
    payload.writeUIntBE(token, 6, 6);
    this.#send({ type: types.helloAck, number: this.#nextHello++, payload });
  }

  /** Sends DATA, with the next number unless another one is given. @param {{ channel: number, offset: number, payload: Buffer, number?: number }} piece */
  sendData({ number = this.#nextData, ...piece }) {
    this.#nextData = number + 1;
    this.#send({ type: types.data, number, ...piece });
  }

  /** Waits for bytes of a body, from 0 on, with those that `others` has. @param {number} channel @param {number} bytes */
  async body(channel, bytes) {
    const pieces = () => [...(this.#bodies.get(channel)?.values() ?? [])];
    const holds = () => {
      // Joining the pieces of each datagram would take a time that grows with the square of their number.
      const arrived = pieces().reduce((sum, { length }) => sum + length, 0);
      return arrived >= bytes && this.#joined(channel).length >= bytes;
    };
    await this.#until(holds, `not ${bytes} bytes of channel ${channel}`);
    return this.#joined(channel);
  }

  /** A part of a body that has come in another way. @param {number} channel @param {number} offset @param {Buffer} payload */
  add(channel, offset, payload) {
    const pieces = this.#bodies.get(channel) ?? new Map();
    this.#bodies.set(channel, pieces);
    if ((pieces.get(offset)?.length ?? 0) < payload.length) pieces.set(offset, payload);
    this.#wake();
  }

  /** What is new, as the fields of a `receiver-report`; undefined if nothing is. @param {number} [sentTo] - of a `sender-report` */
  report(sentTo = 0) {
    const to = Math.max(sentTo, this.#resolvedTo, ...[...this.#numbers].map((number) => number + 1));
    if (to === this.#resolvedTo && this.receivedBytes === this.#reportedBytes) return undefined;
    const gaps = this.#gapsUpTo(to);
    this.#reportedBytes = this.receivedBytes;
    this.#resolvedTo = to;
    this.#numbers.clear();
    const lastArrival = this.#arrivedUs >>> 0;
    const sendTime = this.#last?.sendTime ?? 0;
    const minDelay = this.#last ? (lastArrival - sendTime) | 0 : undefined;
    const hold = Math.round(microseconds() - this.#arrivedUs);
    const fields = { resolvedTo: to, bytes: this.receivedBytes, lastArrival, lastSendTime: sendTime, hold };
    return { ...fields, ...(minDelay !== undefined && { minDelay }), ...(gaps && { gaps }) };
  }

  /** @param {number} to */
  #gapsUpTo(to) {
    const words = [];
    let end = 0;
    for (let number = this.#resolvedTo; number < to; number += 1) {
      if (this.#numbers.has(number)) continue;
      const start = number;
      while (number + 1 < to && !this.#numbers.has(number + 1)) number += 1;
      const length = number + 1 - start;
      words.push(`${start - end}${length > 1 ? `+${length}` : ''}`);
      end = number + 1;
    }
    return words.join(' ');
  }

  /** @param {number} channel */
  #joined(channel) {
    const pieces = [...(this.#bodies.get(channel) ?? [])].sort(([one], [other]) => one - other);
    /** @type {Buffer[]} */
    const joined = [];
    let next = 0;
    for (const [offset, bytes] of pieces) {
      if (offset > next) break;
      const rest = bytes.subarray(next - offset);
      joined.push(rest);
      next += rest.length;
    }
    return Buffer.concat(joined);
  }

  /** @param {{ type: number, number: number, payload: Buffer, channel?: number, offset?: number }} datagram */
  #send({ type, number, payload, channel = 0, offset = 0 }) {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(type, 0);
    header.writeUInt8(1, 1);
    header.writeUInt16BE(payload.length, 2);
    header.writeUInt32BE(this.#options.connection, 4);
    header.writeUIntBE(number, 8, 6);
    header.writeUInt32BE(channel, 14);
    header.writeUIntBE(offset, 18, 6);
    header.writeUInt32BE(microseconds() >>> 0, 24);
    const token = this.#token(!this.#options.isServer);
    if (!this.#peer) throw new Error('The address of the other end is not known.');
    this.#socket.send(Buffer.concat([header, token, payload]), this.#peer.port, this.#peer.address);
  }

  /** The part of the secret in datagrams of a direction. @param {boolean} isToServer */
  #token(isToServer) {
    const secret = Buffer.from(this.#options.secret, 'hex');
    return isToServer ? secret.subarray(0, TOKEN_BYTES) : secret.subarray(TOKEN_BYTES);
  }

  /** @param {Buffer} bytes @param {{ address: string, port: number }} peer */
  #receive(bytes, peer) {
    const payload = bytes.subarray(HEADER_BYTES + TOKEN_BYTES);
    const token = bytes.subarray(HEADER_BYTES, HEADER_BYTES + TOKEN_BYTES);
    const isAuthentic = token.equals(this.#token(this.#options.isServer)) && bytes.readUInt8(1) === 1;
    if (!isAuthentic || bytes.readUInt32BE(4) !== this.#options.connection) return;
    if (bytes.readUInt16BE(2) !== payload.length) return;
    if (this.#options.isServer) this.#peer = peer;
    const [type, number] = [bytes.readUInt8(0), bytes.readUIntBE(8, 6)];
    const place = { channel: bytes.readUInt32BE(14), offset: bytes.readUIntBE(18, 6) };
    const sendTime = bytes.readUInt32BE(24);
    const datagram = { type, number, ...place, sendTime, payload, bytes: bytes.length };
    if (type === types.data) this.#addData(datagram);
    else this.#handshake.push(datagram);
    this.#wake();
  }

  /** @param {Datagram} datagram */
  #addData(datagram) {
    const { number, channel, offset, payload, bytes } = datagram;
    this.largestBytes = Math.max(this.largestBytes, bytes);
    this.#dataCount += 1;
    const isDropped = this.#dataCount % (this.#options.drops ?? Infinity) === 0;
    if (isDropped && this.#dataCount <= MAX_DROPPING) return;
    if (number < this.#resolvedTo || this.#numbers.has(number)) return;
    this.#numbers.add(number);
    this.receivedBytes += bytes;
    this.#last = datagram;
    this.#arrivedUs = microseconds();
    this.add(channel, offset, payload);
  }

  /** @param {() => boolean} holds @param {string} failure */
  async #until(holds, failure) {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, this.#options.timeoutMs);
    while (!holds() && !isLate) await new Promise((done) => (this.#wake = () => done(undefined)));
    clearTimeout(timer);
    if (!holds()) throw new Error(`The other end sent ${failure} within ${this.#options.timeoutMs} ms.`);
  }
}

function microseconds() {
  return performance.now() * 1_000;
}
