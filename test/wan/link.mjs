/**
 * How much of a long link is used: the same bytes over plain TCP and over socket-ftp in turns, each over a connection
 * of its own, with default options. It needs two machines, or a link that is emulated between two network namespaces:
 *
 *     node test/wan/link.mjs --listen 10.0.0.2:2121             on one end; plain TCP has the next port
 *     node test/wan/link.mjs --connect 10.0.0.2:2121            on the other
 */
// @ts-check
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { FileClient, FileServer } from 'socket-ftp';

const USAGE = `node test/wan/link.mjs --listen <host:port> | --connect <host:port> [options]

  --size <MB>      how much (200); the same at both ends
  --rounds <n>     how often each (3)
  --only <a>       download or upload
`;

/** @typedef {{ host: string, port: number }} Address */
/** @typedef {{ bytes: number, rounds: number, only: string | undefined }} Amount */
/** @typedef {(address: Address, bytes: number) => Promise<unknown>} Transfer */

const PIECE = Buffer.alloc(64 * 1024, 'socket-ftp ');

/** @type {Record<string, { plain: Transfer, ours: Transfer }>} */
const transfers = {
  download: {
    plain: async (address, bytes) => {
      const socket = connect(plainOf(address));
      // Not ended: what comes to one that is half closed takes another way through Linux, and is no measure.
      socket.write(`down ${bytes}\n`);
      await pipeline(socket, nowhere());
    },
    ours: (address, bytes) =>
      withClient(address, (client) => pipeline(client.download(`${bytes}`), nowhere())),
  },
  upload: {
    plain: async (address, bytes) => {
      const socket = connect(plainOf(address));
      socket.write('up\n');
      socket.resume();
      await Promise.all([pipeline(source(bytes), socket), once(socket, 'end')]);
    },
    ours: (address, bytes) => withClient(address, (client) => pipeline(source(bytes), client.upload('up'))),
  },
};

const { values } = parseArgs({
  options: {
    listen: { type: 'string' },
    connect: { type: 'string' },
    size: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const amount = { bytes: Number(values.size) * 1e6, rounds: Number(values.rounds), only: values.only };
if (values.listen !== undefined) await listen(addressOf(values.listen), amount.bytes);
else if (values.connect !== undefined) await measure(addressOf(values.connect), amount);
else console.error(USAGE);

/** @type {(address: Address, bytes: number) => Promise<void>} */
async function listen(address, bytes) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'link-'));
  await writeFile(path.join(root, `${bytes}`), Buffer.alloc(bytes, PIECE));
  const server = await new FileServer({ root, flush: false }).listen(address);
  const plain = servePlain(root).listen(plainOf(address));
  console.log(`Listening on ${address.host}:${address.port}, plain TCP on the next port.`);
  process.once('SIGINT', () => {
    plain.close();
    void server.close().then(() => rm(root, { recursive: true }));
  });
}

/**
 * A connection begins with one line: `down` and the name of a file, or `up` before what is to be stored.
 * @param {string} root
 */
function servePlain(root) {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', (error) => console.error(error.message));
    socket.once('data', (chunk) => {
      const lineEnd = chunk.indexOf('\n');
      const [verb = '', name = ''] = chunk.toString('utf8', 0, lineEnd).split(' ');
      socket.pause();
      if (lineEnd + 1 < chunk.length) socket.unshift(chunk.subarray(lineEnd + 1));
      if (verb === 'down') createReadStream(path.join(root, name)).pipe(socket);
      else socket.pipe(createWriteStream(path.join(root, 'plain'))).once('finish', () => socket.end());
    });
  });
}

/** @type {(address: Address, amount: Amount) => Promise<void>} */
async function measure(address, { bytes, rounds, only }) {
  for (const [name, { plain, ours }] of Object.entries(transfers)) {
    if (only !== undefined && only !== name) continue;
    const ratios = [];
    for (let round = 1; round <= rounds; round++) {
      const plainSeconds = await secondsOf(() => plain(address, bytes));
      const seconds = await secondsOf(() => ours(address, bytes));
      ratios.push(plainSeconds / seconds);
      console.log(
        `${name} ${round}: plain ${plainSeconds.toFixed(2)} s, socket-ftp ${seconds.toFixed(2)} s,` +
          ` ${(plainSeconds / seconds).toFixed(3)} of plain`,
      );
    }
    const median = ratios.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
    console.log(`${name}: ${median.toFixed(3)} of plain TCP (median of ${rounds})`);
  }
}

/** @param {() => Promise<unknown>} work */
async function secondsOf(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

/** @type {(address: Address, work: (client: FileClient) => Promise<unknown>) => Promise<void>} */
async function withClient(address, work) {
  const client = new FileClient(address);
  await work(client);
  client.destroy();
}

/** @param {number} bytes */
function source(bytes) {
  let left = bytes;
  return new Readable({
    read() {
      const piece = PIECE.subarray(0, left);
      left -= piece.length;
      this.push(piece.length > 0 ? piece : null);
    },
  });
}

function nowhere() {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** @type {(text: string) => Address} */
function addressOf(text) {
  const [host = '', port = ''] = text.split(/:(?=\d+$)/);
  return { host, port: Number(port) };
}

/** @param {Address} address */
function plainOf({ host, port }) {
  return { host, port: port + 1 };
}
