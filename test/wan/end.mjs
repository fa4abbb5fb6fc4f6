/** One end of a measured transfer, in a process of its own: node end.mjs <what it does, as JSON>. */
// @ts-check
import { once } from 'node:events';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const PORT = 2121;

/**
 * @typedef {object} Task
 * @property {'server' | 'client' | 'plain-server' | 'plain-client'} role
 * @property {string} host
 * @property {string} directory - of the files
 * @property {'tcp' | 'udp' | 'auto' | 'plain'} [transport]
 * @property {'download' | 'upload'} [direction]
 * @property {string} [name] - of the file
 * @property {number} [maxSeconds]
 * @property {number} [clients] - that transfer the file one after the other
 * @property {number} [connections] - of TCP
 */

/**
 * A transfer.
 *
 * @typedef {object} Transferred
 * @property {number} seconds - from `connect()` on
 * @property {number} bytes
 * @property {boolean} complete
 * @property {string} [error]
 * @property {import('./statistics.mjs').Sample[]} samples
 * @property {number} cpuSeconds
 */

const task = /** @type {Task} */ (JSON.parse(process.argv[2] ?? '{}'));
const roles = { server, client, 'plain-server': plainServer, 'plain-client': plainClient };
await roles[task.role]();

async function server() {
  const { FileServer } = await import('socket-ftp');
  const options = { root: task.directory, flush: false, ...(task.transport === 'udp' ? { udp: true } : {}) };
  await new FileServer(options).listen(PORT, task.host);
  process.send?.('listening');
}

async function client() {
  const transfers = [];
  for (let index = 0; index < (task.clients ?? 1); index++) transfers.push(await transfer());
  process.send?.(transfers, () => process.exit());
}

async function transfer() {
  const { FileClient } = await import('socket-ftp');
  const {
    host,
    transport,
    direction = 'download',
    name = '',
    maxSeconds = 120,
    directory,
    connections,
  } = task;
  const samples = /** @type {import('./statistics.mjs').Sample[]} */ ([]);
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const options = {
    signal: AbortSignal.timeout(maxSeconds * 1_000),
    flush: false,
    onProgress: (/** @type {{ bytes: number }} */ { bytes }) => samples.push({ atMs: epochMs(), bytes }),
  };
  const file = new FileClient({
    host,
    port: PORT,
    ...(transport === undefined || transport === 'plain' ? {} : { transport }),
  });
  let error;
  try {
    await file.connect();
    if (direction === 'download')
      await file.downloadFile(name, path.join(directory, name), { ...options, connections });
    else await file.uploadFile(path.join(directory, name), name, options);
  } catch (thrown) {
    error = String(thrown);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(startedCpu);
  file.destroy();
  const bytes = samples.at(-1)?.bytes ?? 0;
  return { seconds, bytes, complete: error === undefined, error, samples, cpuSeconds: (user + system) / 1e6 };
}

/** Serves parts of a file: a connection asks for one by a line with its offset and length. */
async function plainServer() {
  const sockets = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (line) => {
      const [start = 0, length = 0] = line.toString().split(' ').map(Number);
      createReadStream(path.join(task.directory, task.name ?? ''), { start, end: start + length - 1 }).pipe(
        socket,
      );
    });
  });
  await once(sockets.listen(PORT, task.host), 'listening');
  process.send?.('listening');
}

/** Fetches a file in parts, each by a connection of its own. */
async function plainClient() {
  const { host, name = '', directory, connections = 1, maxSeconds = 120 } = task;
  const { size } = statSync(path.join(path.dirname(directory), 'source', name));
  const samples = /** @type {import('./statistics.mjs').Sample[]} */ ([]);
  const startedMs = performance.now();
  const target = path.join(directory, name);
  await (await open(target, 'w')).close();
  let bytes = 0;
  const length = Math.ceil(size / connections);
  const signal = AbortSignal.timeout(maxSeconds * 1_000);
  const parts = Array.from({ length: connections }, async (_, index) => {
    const start = index * length;
    const socket = connect({ host, port: PORT });
    socket.write(`${start} ${Math.min(length, size - start)}\n`);
    socket.on('data', (chunk) => samples.push({ atMs: epochMs(), bytes: (bytes += chunk.length) }));
    await pipeline(socket, createWriteStream(target, { flags: 'r+', start }), { signal });
  });
  const outcomes = await Promise.allSettled(parts);
  const seconds = (performance.now() - startedMs) / 1_000;
  const complete = outcomes.every(({ status }) => status === 'fulfilled') && bytes === size;
  process.send?.([{ seconds, bytes, complete, samples, cpuSeconds: 0 }], () => process.exit());
}

/** The time in ms, comparable between processes. */
function epochMs() {
  return performance.timeOrigin + performance.now();
}
