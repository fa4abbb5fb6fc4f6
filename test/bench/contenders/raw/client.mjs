/** The client of `server.mjs`: a connection for each file, and one for all stats or pings. */
// @ts-check
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { forEachAtOnce, timesOf } from '../../measuring/at-once.mjs';
import { AT_ONCE, smallName } from '../../workloads.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

const { address: port, root, target, disk } = /** @type {import('../told.mjs').ClientArgs} */ (told);

/** @type {import('node:net').Socket[]} */
let idle = [];

serveTasks(
  {
    download: ({ bulk }) => downToNowhere(bulk),
    'download-file': ({ bulk }) => downToFile(bulk, target),
    'download-disk': ({ bulk }) => downToFile(bulk, disk),
    upload: ({ bulk }) => up(bulk, bulk),
    'upload-durable': ({ bulk }) => up(bulk, bulk),
    'small-down': ({ files }) => forEachAtOnce(files, AT_ONCE, downSmall),
    'small-down-1': ({ files }) => forEachAtOnce(files, 1, downSmall),
    'small-up': ({ files }) => forEachAtOnce(files, AT_ONCE, upSmall),
    'small-up-1': ({ files }) => forEachAtOnce(files, 1, upSmall),
    stat: ({ requests }) => lines(`stat small/${smallName(0)}`, requests, 1),
    'stat-64': ({ requests }) => lines(`stat small/${smallName(0)}`, requests, AT_ONCE),
    // A line and its answer: as much as a call without values.
    'calls-64': ({ requests }) => lines('ping', requests, AT_ONCE),
    'ping-64': ({ requests }) => lines('ping', requests, AT_ONCE),
    fresh: ({ connects }) => timesOf(connects, 1, () => downSmall(0)),
    'clients-100': ({ clients, part }) => timesOf(clients, clients, () => downToNowhere(part)),
    idle: ({ connections }) => forEachAtOnce(connections, AT_ONCE, connectIdly),
  },
  { letGo },
);

/** @param {number} index */
function downSmall(index) {
  return downToNowhere(`small/${smallName(index)}`);
}

/** @param {number} index */
function upSmall(index) {
  return up(`small/${smallName(index)}`, smallName(index));
}

/** @param {string} name */
async function downToNowhere(name) {
  const socket = connect(port, '127.0.0.1');
  socket.end(`down ${name}\n`);
  socket.resume();
  await once(socket, 'end');
}

/** @type {(name: string, folder: string) => Promise<void>} */
async function downToFile(name, folder) {
  const socket = connect(port, '127.0.0.1');
  socket.end(`down ${name}\n`);
  await once(socket.pipe(createWriteStream(path.join(folder, name))), 'finish');
}

/** @type {(from: string, to: string) => Promise<void>} */
async function up(from, to) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`up up/${to}\n`);
  createReadStream(path.join(root, from)).pipe(socket);
  socket.resume();
  await once(socket, 'end');
}

/** Asks line by line on one connection. @type {(line: string, requests: number, atOnce: number) => Promise<void>} */
async function lines(line, requests, atOnce) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  /** @type {(() => void)[]} */
  const waiting = [];
  createInterface({ input: socket }).on('line', () => waiting.shift()?.());
  await forEachAtOnce(requests, atOnce, () => {
    socket.write(`${line}\n`);
    return new Promise((resolve) => waiting.push(() => resolve(undefined)));
  });
  socket.end();
  await once(socket, 'close');
}

async function connectIdly() {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  idle.push(socket);
}

async function letGo() {
  const closed = idle.map((socket) => once(socket.resume(), 'close'));
  for (const socket of idle) socket.end();
  idle = [];
  await Promise.all(closed);
}
