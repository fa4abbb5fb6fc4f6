/**
 * Plain Node at its best, without a protocol to speak of: no checksums, no limits, no safety. A connection carries any
 * number of requests, each a line, and their answers in the same order:
 *
 *     GET name          size, body
 *     PUT name size     (body)  OK
 *     STAT name         size time
 *     LIST name         size, body of JSON
 *     PING              OK
 */
// @ts-check
import { Socket, createServer } from 'node:net';
import path from 'node:path';
import { entriesOf } from '../entries.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';
import { Answers } from './answers.mjs';
import { callsOf } from './calls.mjs';
import { receiveFile } from './downloads.mjs';
import { Input } from './input.mjs';
import { SMALL_BYTES, SmallFiles } from './small-files.mjs';

/** @import { Answer } from './answers.mjs' */

/** Buffers of a connection that receives; uploads fill the second and third while the first is written to a file. */
const RECEIVED = { bytes: 128 * 1024, buffers: 3 };

const { root, sync: isSync } = /** @type {import('../told.mjs').ServerArgs & { sync: boolean }} */ (told);
const calls = callsOf(isSync);
const files = new SmallFiles(calls);

const server = createServer({ pauseOnConnect: true, noDelay: true }, (accepted) => {
  const input = new Input(RECEIVED);
  const socket = withOnread(accepted, input);
  socket.on('error', () => socket.destroy());
  serve(socket, input).catch(() => socket.destroy());
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  serving(address.port, () => server.close());
});

/** A server cannot give `onread` to the sockets that it accepts, so another socket takes the handle. @type {(accepted: Socket, input: Input) => Socket} */
function withOnread(accepted, input) {
  const inner = /** @type {{ _handle: unknown }} */ (/** @type {unknown} */ (accepted));
  const options = /** @type {import('node:net').SocketConstructorOpts} */ ({
    handle: inner._handle,
    onread: input.onread,
  });
  inner._handle = null;
  const socket = new Socket(options).setNoDelay(true);
  input.attach(socket);
  return socket.resume();
}

/** @type {(socket: Socket, input: Input) => Promise<void>} */
async function serve(socket, input) {
  const answers = new Answers(socket, calls);
  for (;;) {
    const line = input.lineNow() ?? (await input.line());
    if (line === undefined) break;
    const [verb, name = '', size = ''] = line.split(' ');
    const file = path.join(root, name);
    if (verb === 'PUT') answers.add((await received(file, input, Number(size))).answer);
    else answers.add(answerTo(verb, file));
    const room = answers.room();
    if (room) await room;
  }
  socket.end();
}

/** @type {(verb: string | undefined, file: string) => Answer | Promise<Answer>} */
function answerTo(verb, file) {
  if (verb === 'GET') return files.read(file, (size) => `${size}\n`);
  if (verb === 'STAT') return stat(file);
  return verb === 'LIST' ? list(file) : 'OK\n';
}

/** @param {string} file */
function stat(file) {
  const stats = calls.stat(file);
  return stats instanceof Promise ? stats.then(lineOf) : lineOf(stats);
}

/** @param {import('node:fs').Stats} stats */
function lineOf({ size, mtimeMs }) {
  return `${size} ${mtimeMs}\n`;
}

/** @param {string} directory */
async function list(directory) {
  const entries = JSON.stringify(await entriesOf(directory, calls));
  return `${entries.length}\n${entries}`;
}

/** Takes a body; what it resolves with may still be written to the file. @type {(file: string, input: Input, size: number) => Promise<{ answer: Answer | Promise<Answer> }>} */
async function received(file, input, size) {
  if (size > SMALL_BYTES) {
    await receiveFile(input, size, { localPath: file, calls });
    return { answer: 'OK\n' };
  }
  const body = (isSync ? input.bytesNow(size) : undefined) ?? (await input.copied(size));
  const written = files.write(file, body);
  return { answer: written ? written.then(() => 'OK\n') : 'OK\n' };
}
