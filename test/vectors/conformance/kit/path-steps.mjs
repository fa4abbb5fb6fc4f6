/** Plays the steps of a UDP path. README.md describes them. */
import { Datagrams, types } from './datagrams.mjs';
import { bytesOf, resolve } from './patterns.mjs';

/**
 * @typedef {import('./connection.mjs').Connection} Connection
 * @typedef {import('./wire.mjs').Frame} Frame
 */

/** Time in ms between two reports. */
const REPORT_MS = 10;

export class PathSteps {
  /** @type {Datagrams | undefined} */
  #datagrams;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #lastHello = 0;
  #variables;

  /** @param {import('./patterns.mjs').Variables} variables */
  constructor(variables) {
    this.#variables = variables;
  }

  close() {
    clearInterval(this.#timer);
    this.#datagrams?.close();
  }

  /** @param {Connection} connection @param {any} step */
  async play(connection, step) {
    if (step.open) return this.#open(connection, step.open, false);
    if (step.listen) return this.#open(connection, step.listen, true);
    const datagrams = this.#datagrams;
    if (!datagrams) throw new Error('There is no UDP path.');
    if (step.hello !== undefined) this.#lastHello = datagrams.sendHello(step.hello);
    else if (step.helloAck !== undefined) await this.#expectAnswer(datagrams, step);
    else if (step.answer !== undefined) await this.#answerHello(datagrams, step.answer);
    else if (step.data !== undefined) this.#sendData(datagrams, step.data);
    else if (step.dataFrames !== undefined) sendFrames(connection, this.#resolved(step.dataFrames));
    else if (step.body !== undefined) await this.#body(datagrams, this.#resolved(step.body));
    else if (step.frames !== undefined) await this.#frames(connection, this.#resolved(step.frames));
    else if (step.reported !== undefined) await this.#expectReports(connection, step.reported);
    else throw new Error('This step of a UDP path is unknown.');
  }

  /** @param {Connection} connection @param {any} fields @param {boolean} isServer */
  async #open(connection, fields, isServer) {
    const { as, reports = true, drops = Infinity, ...given } = fields;
    const { port, connection: number, secret, channel } = this.#resolved(given);
    const { timeoutMs } = connection;
    this.#datagrams = new Datagrams({
      connection: number,
      secret,
      isServer,
      drops,
      timeoutMs,
    });
    const ownPort = await this.#datagrams.open();
    if (isServer) this.#variables.set(as, ownPort);
    else this.#datagrams.connect({ address: connection.address, port });
    this.#follow(connection, channel, reports);
  }

  /** Reports what arrives, and adds what comes in frames with an offset. @param {Connection} connection @param {number} id @param {boolean} reports */
  #follow(connection, id, reports) {
    const report = (/** @type {number} */ sentTo) => {
      const fields = this.#datagrams?.report(sentTo);
      if (fields) connection.send({ type: 'receiver-report', id, ...fields });
    };
    if (reports) this.#timer = setInterval(() => report(0), REPORT_MS);
    connection.onFrame = (frame) => {
      if (reports && frame.type === 'sender-report') report(frame['sentTo']);
      if (frame.type === 'data' && frame['offset'] !== undefined && frame.payload)
        this.#datagrams?.add(frame['id'], frame['offset'], frame.payload);
      // The path has ended: there is nothing to report to.
      if (frame.type === 'cancel' && frame['id'] === id) clearInterval(this.#timer);
      if (frame.type === 'error' && frame['id'] === id) clearInterval(this.#timer);
    };
  }

  /** @param {Datagrams} datagrams @param {any} step */
  async #expectAnswer(datagrams, { helloAck: bytes, as }) {
    const answer = await datagrams.nextHandshake();
    if (answer.type !== types.helloAck) throw new Error(`A datagram of type ${answer.type}.`);
    if (answer.bytes !== bytes) throw new Error(`A HELLO-ACK of ${answer.bytes} bytes, not ${bytes}.`);
    const number = answer.payload.readUIntBE(0, 6);
    if (number !== this.#lastHello)
      throw new Error(`A HELLO-ACK of the HELLO ${number}, not ${this.#lastHello}.`);
    if (!answer.payload.subarray(12).every((byte) => byte === 0)) throw new Error('The rest is not zeros.');
    this.#variables.set(as, answer.payload.readUIntBE(6, 6));
  }

  /** Answers the next HELLO. @param {Datagrams} datagrams @param {any} answer */
  async #answerHello(datagrams, { token, as }) {
    const hello = await datagrams.nextHandshake();
    if (hello.type !== types.hello) throw new Error(`A datagram of type ${hello.type}.`);
    if (hello.channel !== 0 || hello.offset !== 0) throw new Error('A HELLO has a channel or an offset.');
    if (!hello.payload.every((byte) => byte === 0)) throw new Error('A HELLO has other bytes than zeros.');
    datagrams.answer(hello, resolve(token, this.#variables));
    this.#variables.set(as, hello.bytes);
  }

  /** @param {Datagrams} datagrams @param {any} data */
  #sendData(datagrams, { channel, offset = 0, payload, number, pieceBytes = Infinity }) {
    const bytes = bytesOf(payload, this.#variables);
    const at = { channel: resolve(channel, this.#variables), ...(number !== undefined && { number }) };
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      const piece = bytes.subarray(from, Math.min(bytes.length, from + pieceBytes));
      datagrams.sendData({ ...at, offset: offset + from, payload: piece });
    }
  }

  /** @param {Datagrams} datagrams @param {any} body */
  async #body(datagrams, { id, equals, overUdp = 0, maxBytes = Infinity }) {
    const expected = bytesOf(equals, this.#variables);
    const received = await datagrams.body(id, expected.length);
    if (!received.equals(expected)) throw new Error('The bytes of the body differ.');
    if (datagrams.receivedBytes < overUdp)
      throw new Error(`Only ${datagrams.receivedBytes} bytes have come in datagrams.`);
    if (datagrams.largestBytes > maxBytes)
      throw new Error(`A datagram has ${datagrams.largestBytes} bytes, more than ${maxBytes}.`);
  }

  /** Frames of a body until it is complete, and the last frames of channels, in any order. @param {Connection} connection @param {any} step */
  async #frames(connection, { id, bytes, ends = [], until }) {
    let received = 0;
    const waiting = new Set(ends);
    let isUntil = until === undefined;
    while (waiting.size > 0 || !isUntil) {
      const frame = await connection.next();
      if (!frame) throw new Error('The connection has ended.');
      if (frame.type === 'data' && frame['offset'] === undefined)
        throw new Error('A data frame has no offset.');
      if (frame.type === 'data' && frame['id'] === id) received += frame.payload?.length ?? 0;
      if (frame.type === 'result' || frame.type === 'error') waiting.delete(frame['id']);
      isUntil ||= frame.type === until;
    }
    if (received > bytes) throw new Error(`The frames have ${received} bytes, more than the body.`);
  }

  /** Reports up to a number, with these gaps together. @param {Connection} connection @param {any} expected */
  async #expectReports(connection, { gaps, resolvedTo }) {
    const lost = [];
    for (let to = 0; to < resolvedTo;) {
      const frame = await connection.next();
      if (frame?.type !== 'receiver-report') throw new Error(`${frame?.type} instead of a report`);
      if (frame['gaps'] !== undefined) lost.push(frame['gaps']);
      to = frame['resolvedTo'];
    }
    // Each report starts its own count: the lost numbers are compared.
    const numbers = (/** @type {string[]} */ texts) => String(texts.flatMap(numbersOf));
    if (numbers(lost) !== numbers(gaps === undefined ? [] : [gaps]))
      throw new Error(`${lost.join(' and ')} are lost, not ${gaps}`);
  }

  /** The members with the values of variables. @param {any} fields @returns {any} */
  #resolved(fields) {
    const entries = Object.entries(fields).map(([name, value]) => [name, resolve(value, this.#variables)]);
    return Object.fromEntries(entries);
  }
}

/** The numbers that `gaps` of a report names. @param {string} gaps */
function numbersOf(gaps) {
  /** @type {number[]} */
  const numbers = [];
  let end = 0;
  for (const word of gaps.split(' ')) {
    const [distance = 0, length = 1] = word.split('+').map(Number);
    for (let index = 0; index < length; index += 1) numbers.push(end + distance + index);
    end += distance + length;
  }
  return numbers;
}

/** Sends a part of a body in frames with offsets. @param {Connection} connection @param {{ id: number, from: number, to: number }} part */
function sendFrames(connection, { id, from, to }) {
  for (let offset = from; offset < to; offset += 65_536) {
    const payload = bytesOf({ from: offset, bytes: Math.min(to, offset + 65_536) });
    connection.send({ type: 'data', id, offset, length: payload.length, payload });
  }
}
