/** Plays the steps of a transcript on its connections. README.md describes the steps. */
import { crc32 } from 'node:zlib';
import { compareEntries, compareFrames, encoded, sendData, sumsOf } from './bodies.mjs';
import { bytesOf, mismatch, resolve, show, tailOf } from './patterns.mjs';
import { PathSteps } from './path-steps.mjs';
import { Decoder, encode } from './wire.mjs';

/**
 * @typedef {import('./connection.mjs').Connection} Connection
 * @typedef {import('./wire.mjs').Frame} Frame
 * @typedef {import('./wire.mjs').CodecName} CodecName
 */

/** The types of frames that may come at any time. */
const anyTime = new Set(['ack', 'pong', 'receiver-report', 'sender-report']);

export class Player {
  /** @type {Map<string, any>} */
  variables = new Map();
  #codec;
  /** @type {(name: string, step: any) => Promise<Connection>} */
  #connect;
  /** @type {Map<string, Connection>} */
  #connections = new Map();
  #path = new PathSteps(this.variables);
  /** Answers to requests that the transcript is not about, by their operation. @type {Record<string, any>} */
  #others = {};

  /** @param {CodecName} codec @param {(name: string, step: any) => Promise<Connection>} connect */
  constructor(codec, connect) {
    this.#codec = codec;
    this.#connect = connect;
  }

  /** Plays steps; rejects with an Error that shows what went over the wire. @param {any[]} steps */
  async play(steps) {
    for (const [index, step] of steps.entries()) {
      try {
        await this.#step(step);
      } catch (error) {
        const logs = [...this.#connections].map(([name, { log }]) => tailOf(name, log));
        const reason = error instanceof Error ? error.message : String(error);
        const at = `step ${index + 1}, ${JSON.stringify(step).slice(0, 300)}`;
        throw new Error(`${at}: ${reason}\n${logs.join('\n')}`, { cause: error });
      }
    }
  }

  /** Lets the other end close the connections. */
  endWithPeer() {
    for (const connection of this.#connections.values()) connection.endWithPeer();
  }

  close() {
    this.#path.close();
    for (const connection of this.#connections.values()) connection.destroy();
  }

  /** @param {any} step */
  async #step(step) {
    if (step.connect !== undefined) return this.#open(step);
    if (step.others !== undefined) return void (this.#others = step.others);
    if (step.repeat !== undefined) return this.#repeat(step.repeat, step.steps);
    const connection = this.#connections.get(step.on ?? 'a');
    if (!connection) throw new Error(`There is no connection ${step.on ?? 'a'}.`);
    if (step.send !== undefined) return this.send(connection, step.send);
    if (step.raw !== undefined)
      return connection.sendRaw(bytesOf(step.raw[this.#codec] ?? step.raw, this.variables));
    if (step.close !== undefined) return connection.close(step.close);
    if (step.expect !== undefined) return this.#expect(connection, [step.expect].flat());
    if (step.expectAll !== undefined) return this.#expectAll(connection, step.expectAll);
    if (step.body !== undefined) return this.#body(connection, step.body);
    if (step.sendEntries !== undefined) return this.#sendEntries(connection, step);
    if (step.sendChanges !== undefined) return this.#sendChanges(connection, step);
    if (step.entries !== undefined) return this.#entries(connection, step);
    if (step.sendBatch !== undefined) return this.#sendBatch(connection, step);
    if (step.answers !== undefined) return this.#answers(connection, step);
    if (step.batch !== undefined) return this.#batch(connection, step);
    if (step.sendAnswers !== undefined) return this.#sendAnswers(connection, step);
    if (step.fails !== undefined) return this.#fails(connection, step.fails);
    if (step.ends !== undefined) return this.#ends(connection);
    if (step.udp !== undefined) return this.#path.play(connection, step.udp);
    if (step.quiet !== undefined) return this.#quiet(connection, step.quiet);
    throw new Error('This step is unknown.');
  }

  /** @param {any} step */
  async #open(step) {
    this.#connections.set(step.connect, await this.#connect(step.connect, step));
  }

  /** @param {{ from: number, to: any, by?: number }} range @param {any[]} steps */
  async #repeat({ from, to, by = 1 }, steps) {
    for (let i = from; i <= resolve(to, this.variables); i += by) {
      this.variables.set('i', i).set('id', 2 * i - 1);
      for (const step of steps) await this.#step(step);
    }
  }

  /** @param {Connection} connection @param {any} record */
  send(connection, { payload, ...record }) {
    /** @type {Frame} */
    const frame = /** @type {any} */ (
      Object.fromEntries(
        Object.entries(record).map(([name, value]) => [name, resolve(value, this.variables)]),
      )
    );
    if (payload !== undefined) frame.payload = bytesOf(payload, this.variables);
    if (frame.type === 'data' && frame['length'] === undefined) return sendData(connection, frame);
    connection.send(frame);
  }

  /** The next frame that matters: answers pings, and skips what may come at any time. @param {Connection} connection @param {any[]} patterns */
  async #next(connection, patterns) {
    for (;;) {
      const frame = await connection.next();
      if (frame && this.#answerOther(connection, frame)) continue;
      if (!frame || patterns.some((pattern) => pattern.type === frame.type)) return frame;
      if (frame.type === 'ping') connection.send({ type: 'pong', token: frame['token'] });
      else if (!anyTime.has(frame.type)) return frame;
    }
  }

  /** Whether a frame opens one of the other requests, which is answered. @param {Connection} connection @param {Frame} frame */
  #answerOther(connection, frame) {
    const answer = frame.type === 'open' ? this.#others[frame['op']] : undefined;
    if (answer === undefined) return false;
    const id = frame['id'];
    if (!answer.entries) this.send(connection, { id, ...answer });
    else {
      this.send(connection, { type: 'accept', id, kind: 'directory', checksum: 'crc32' });
      this.#sendEntries(connection, { id, sendEntries: answer.entries });
    }
    return true;
  }

  /** @param {Connection} connection @param {any[]} patterns */
  async #expect(connection, patterns) {
    for (;;) {
      const frame = await this.#next(connection, patterns);
      if (!frame) throw new Error('The connection has ended.');
      const reasons = patterns.map((pattern) => mismatch(frame, pattern, this.variables));
      const match = reasons.indexOf(undefined);
      if (match >= 0) return patterns[match];
      // An empty ack, or one of another moment, and the same of reports.
      if (!anyTime.has(frame.type) || frame.type === 'pong')
        throw new Error(`${show(frame)}: ${reasons.join('; ')}`);
    }
  }

  /** Frames of several channels, in any order. @param {Connection} connection @param {any[]} patterns */
  async #expectAll(connection, patterns) {
    const left = [...patterns];
    while (left.length > 0) left.splice(left.indexOf(await this.#expect(connection, left)), 1);
  }

  /** The data frames of a channel, together. @param {Connection} connection @param {any} body */
  async #bytes(connection, { id, bytes }) {
    const pieces = [];
    let sum = 0;
    for (let left = bytes; left > 0;) {
      const frame = await this.#next(connection, [{ type: 'data' }]);
      if (frame?.type !== 'data' || frame['id'] !== resolve(id, this.variables) || !frame.payload)
        throw new Error(`${frame ? show(frame) : 'the end'} instead of ${left} bytes`);
      const { checksum } = frame;
      if (checksum?.startsWith('crc32:') && parseInt(checksum.slice(6), 16) !== sum)
        throw new Error(`${show(frame)}: the checksum is not that of the bytes before`);
      sum = crc32(frame.payload, sum);
      left -= frame.payload.length;
      pieces.push(frame.payload);
      if (left < 0) throw new Error(`${-left} bytes more than expected`);
    }
    return Buffer.concat(pieces);
  }

  /** @param {Connection} connection @param {any} body */
  async #body(connection, { id, equals }) {
    const expected = bytesOf(equals, this.variables);
    const received = await this.#bytes(connection, { id, bytes: expected.length });
    if (!received.equals(expected)) throw new Error('The bytes of the body differ.');
  }

  /** A listing up to its result: entries in any order, none more. @param {Connection} connection @param {any} step */
  async #entries(connection, { id, entries, result = {} }) {
    const patterns = [
      { type: 'data', id },
      { type: 'result', id, ...result },
    ];
    const found = new Decoder(this.#codec).write(await this.#payloads(connection, patterns));
    compareEntries(found, entries, this.variables);
  }

  /** Sends a listing and its result. @param {Connection} connection @param {any} step */
  #sendEntries(connection, { id, sendEntries, result = {} }) {
    const payload = Buffer.concat(
      sendEntries.map((/** @type {any} */ entry) => encode(this.#codec, { type: 'entry', ...entry })),
    );
    const checksum = `crc32:${crc32(payload).toString(16).padStart(8, '0')}`;
    if (payload.length > 0)
      this.send(connection, { type: 'data', id, payload: { hex: payload.toString('hex') } });
    this.send(connection, { type: 'result', id, bytes: payload.length, checksum, ...result });
  }

  /** Sends changes of a watch in one frame, and their checksum in the next one. @param {Connection} connection @param {any} step */
  #sendChanges(connection, { id, sendChanges, checksum }) {
    const payload = Buffer.concat(
      sendChanges.map((/** @type {any} */ change) =>
        encoded(this.#codec, { type: 'change', ...change }, this.variables),
      ),
    );
    this.send(connection, { type: 'data', id, payload: { hex: payload.toString('hex') } });
    const sum = checksum ?? `crc32:${crc32(payload).toString(16).padStart(8, '0')}`;
    this.send(connection, { type: 'data', id, length: 0, payload: '', checksum: sum });
  }

  /** Sends the body of a batch and its end. @param {Connection} connection @param {any} step */
  #sendBatch(connection, { id, sendBatch, end = {} }) {
    const payload = Buffer.concat(
      sendBatch.map((/** @type {any} */ frame) => encoded(this.#codec, frame, this.variables)),
    );
    this.send(connection, { type: 'data', id, payload: { hex: payload.toString('hex') } });
    this.send(connection, { type: 'end', id, ...sumsOf(payload), ...end });
  }

  /** The answer to a batch up to its result: these frames in this order, none more. @param {Connection} connection @param {any} step */
  async #answers(connection, { id, answers, result = {} }) {
    const patterns = [
      { type: 'data', id },
      { type: 'result', id, ...result },
    ];
    const body = await this.#payloads(connection, patterns);
    compareFrames(new Decoder(this.#codec).write(body), answers, this.variables);
  }

  /** The body of a batch and its end: these frames in this order, none more. @param {Connection} connection @param {any} step */
  async #batch(connection, { id, batch }) {
    const patterns = [
      { type: 'data', id },
      { type: 'end', id, size: { any: 'integer', as: 'size' }, checksum: { any: 'text', as: 'checksum' } },
    ];
    const body = await this.#payloads(connection, patterns);
    const { size, checksum } = sumsOf(body);
    if (this.variables.get('size') !== size) throw new Error('The size in end is not that of the body.');
    if (this.variables.get('checksum') !== checksum) throw new Error('The checksum in end is another one.');
    compareFrames(new Decoder(this.#codec).write(body), batch, this.variables);
  }

  /** Sends the answer to a batch and its result. @param {Connection} connection @param {any} step */
  #sendAnswers(connection, { id, sendAnswers, result = {} }) {
    const payload = Buffer.concat(
      sendAnswers.map((/** @type {any} */ frame) => encoded(this.#codec, frame, this.variables)),
    );
    const { size, checksum } = sumsOf(payload);
    if (size > 0) this.send(connection, { type: 'data', id, payload: { hex: payload.toString('hex') } });
    const sums = result.bytes === null ? {} : { bytes: size, checksum };
    const { bytes, ...fields } = result;
    this.send(connection, { type: 'result', id, ...sums, ...fields, ...(bytes && { bytes }) });
  }

  /** The payloads of the frames up to one that is no `data`. @param {Connection} connection @param {any[]} patterns */
  async #payloads(connection, patterns) {
    for (const pieces = []; ;) {
      const frame = await this.#next(connection, patterns);
      const pattern = patterns.find(({ type }) => type === frame?.type);
      const reason = frame && pattern ? mismatch(frame, pattern, this.variables) : 'is not expected';
      if (!frame || reason !== undefined) throw new Error(`${frame ? show(frame) : 'the end'}: ${reason}`);
      if (frame.payload) pieces.push(frame.payload);
      if (frame.type !== 'data') return Buffer.concat(pieces);
    }
  }

  /** An error for the connection with one of these codes, then its end. @param {Connection} connection @param {any} codes */
  async #fails(connection, codes) {
    const isChecked = connection.isChecked || this.#codec === 'binary';
    const code =
      Array.isArray(codes) || typeof codes === 'string' ? codes : codes[isChecked ? 'checked' : 'unchecked'];
    for (;;) {
      const frame = await this.#next(connection, [{ type: 'error' }]);
      if (!frame) throw new Error('The connection has ended without an error.');
      // Answers to what came before may still be on their way.
      if (frame.type !== 'error' || frame['id'] !== undefined) continue;
      const reason = mismatch(frame, { type: 'error', code }, this.variables);
      if (reason !== undefined) throw new Error(`${show(frame)}: ${reason}`);
      return this.#ends(connection);
    }
  }

  /** @param {Connection} connection */
  async #ends(connection) {
    const frame = await this.#next(connection, []);
    if (frame) throw new Error(`${show(frame)} instead of the end of the connection`);
  }

  /** Nothing has come, and the connection works: a ping is answered next. @param {Connection} connection @param {number} token */
  async #quiet(connection, token) {
    connection.send({ type: 'ping', token });
    await this.#expect(connection, [{ type: 'pong', token }]);
  }
}
