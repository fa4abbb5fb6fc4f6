/** The client of `raw-server.mjs`: a connection for each file, and one for all stats. */
// @ts-check
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { serveTasks } from './tasks.mjs';
import { AT_ONCE, forEachAtOnce, smallName } from './workloads.mjs';

const [address = '', folder = ''] = process.argv.slice(2);
const { port } = JSON.parse(address);

serveTasks(
  {
    download: ({ bulk }) => downToNowhere(bulk),
    'download-file': ({ bulk }) => downToFile(bulk),
    upload: ({ bulk }) => up(bulk),
    'upload-durable': ({ bulk }) => up(bulk),
    'small-down': ({ files }) => forEachAtOnce(files, AT_ONCE, (index) => downToNowhere(smallName(index))),
    'small-up': ({ files }) => forEachAtOnce(files, AT_ONCE, (index) => up(smallName(index))),
    stat: ({ requests }) => stats(requests, 1),
    'stat-64': ({ requests }) => stats(requests, AT_ONCE),
  },
  async () => undefined,
);

/** @param {string} name */
async function downToNowhere(name) {
  const socket = connect(port, '127.0.0.1');
  socket.end(`down ${name}\n`);
  socket.resume();
  await once(socket, 'end');
}

/** @param {string} name */
async function downToFile(name) {
  const socket = connect(port, '127.0.0.1');
  socket.end(`down ${name}\n`);
  await once(socket.pipe(createWriteStream(path.join(folder, 'target', name))), 'finish');
}

/** @param {string} name */
async function up(name) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`up up/${name}\n`);
  createReadStream(path.join(folder, 'files', name)).pipe(socket);
  socket.resume();
  await once(socket, 'end');
}

/** @type {(requests: number, atOnce: number) => Promise<void>} */
async function stats(requests, atOnce) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  /** @type {(() => void)[]} */
  const waiting = [];
  createInterface({ input: socket }).on('line', () => waiting.shift()?.());
  await forEachAtOnce(requests, atOnce, () => {
    socket.write(`stat ${smallName(0)}\n`);
    return new Promise((resolve) => waiting.push(() => resolve(undefined)));
  });
  socket.end();
  await once(socket, 'close');
}
