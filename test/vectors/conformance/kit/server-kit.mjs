/** Plays transcripts as a client, against a server. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { Connection } from './connection.mjs';
import { bytesOf } from './patterns.mjs';
import { Player } from './player.mjs';

/**
 * @typedef {{ host?: string, port: number, codec: import('./wire.mjs').CodecName, checked?: boolean, timeoutMs?: number,
 *   login?: Record<string, string> }} ServerOptions
 */

let directories = 0;

/** Plays one transcript. Resolves with the reason if the server cannot be asked. @param {any} transcript @param {ServerOptions} options @returns {Promise<string | undefined>} */
export async function playServer(transcript, options) {
  const { codec, timeoutMs = 10_000 } = options;
  const isChecked = transcript.checked ?? options.checked ?? false;
  const open = () => opened(options, { codec, timeoutMs });
  const player = new Player(codec, async (name, step) => {
    const connection = await open();
    if (step.handshake === false || (transcript.handshake === false && step.handshake === undefined))
      return connection;
    const hello = { type: 'hello', version: 1, ...options.login, ...transcript.hello, ...step.hello };
    if (isChecked) hello.check = 'right';
    player.send(connection, hello);
    connection.isChecked = isChecked && codec !== 'binary';
    const welcome = await connection.next();
    if (welcome?.type !== 'welcome') throw new Error(`There is no welcome but ${JSON.stringify(welcome)}`);
    for (const [field, value] of Object.entries(welcome)) player.variables.set(`${name}.${field}`, value);
    return connection;
  });
  const dir = `conformance-${process.pid}-${++directories}`;
  player.variables.set('dir', dir);
  const place = new Place(options, dir);
  try {
    const missing = await place.prepare(transcript);
    if (missing !== undefined) return missing;
    await player.play([{ connect: 'a' }, ...transcript.steps]);
    return undefined;
  } finally {
    player.close();
    await place.remove();
  }
}

/** @param {ServerOptions} options @param {{ codec: import('./wire.mjs').CodecName, timeoutMs: number }} wire */
async function opened({ host = '127.0.0.1', port }, wire) {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, 'connect');
  return new Connection(socket, wire);
}

/** The directory of a transcript, made and removed with the protocol itself. */
class Place {
  #options;
  #dir;
  /** @type {Connection | undefined} */
  #connection;
  #id = -1;

  /** @param {ServerOptions} options @param {string} dir */
  constructor(options, dir) {
    this.#options = options;
    this.#dir = dir;
  }

  /** Makes the files. Resolves with the feature that the server lacks. @param {any} transcript */
  async prepare({ files = {}, requires = [] }) {
    const { codec, timeoutMs = 10_000, login } = this.#options;
    const connection = (this.#connection = await opened(this.#options, { codec, timeoutMs }));
    // A server names its features to a client that names some.
    connection.send({ type: 'hello', version: 1, features: 'conformance', ...login });
    const welcome = await connection.next();
    if (welcome?.type !== 'welcome') throw new Error(`There is no welcome but ${JSON.stringify(welcome)}`);
    const features = String(welcome['features'] ?? '').split(',');
    const missing = requires.find((/** @type {string} */ feature) => !features.includes(feature));
    if (missing !== undefined) return missing;
    await this.#call({ op: 'mkdir', path: this.#dir });
    for (const [name, spec] of Object.entries(files)) {
      const path = `${this.#dir}/${name}`;
      if (spec === null) await this.#call({ op: 'mkdir', path });
      else await this.#call({ op: 'upload', path }, bytesOf(spec));
    }
    return undefined;
  }

  async remove() {
    const connection = this.#connection;
    if (!connection) return;
    await this.#call({ op: 'remove', path: this.#dir, recursive: true }).catch(() => undefined);
    connection.destroy();
  }

  /** @param {any} fields @param {Buffer} [body] */
  async #call(fields, body) {
    const connection = this.#connection;
    const id = (this.#id += 2);
    connection?.send({ type: 'open', id, ...fields });
    let granted = 65_536;
    for (let at = 0; body && at < body.length; at += 65_536) {
      while (at + 65_536 > granted && at > 0) {
        const { offset = 0, window = 0 } = await this.#until(
          ({ type }) => type === 'accept' || type === 'ack',
        );
        granted = Math.max(granted, offset + window);
      }
      const payload = body.subarray(at, at + 65_536);
      connection?.send({ type: 'data', id, length: payload.length, payload });
    }
    if (body) connection?.send({ type: 'end', id, size: body.length });
    const end = await this.#until(({ type }) => type === 'result' || type === 'error');
    if (end.type === 'error')
      throw new Error(`The kit could not prepare ${JSON.stringify(fields)}: ${end['code']}`);
  }

  /** @param {(frame: import('./wire.mjs').Frame) => boolean} isIt */
  async #until(isIt) {
    for (;;) {
      const frame = await this.#connection?.next();
      if (!frame) throw new Error('The connection of the kit has ended.');
      if (frame.type === 'ping') this.#connection?.send({ type: 'pong', token: frame['token'] });
      if (isIt(frame)) return frame;
    }
  }
}
