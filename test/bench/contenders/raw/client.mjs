/** The client of `server.mjs`: a connection for each file, and one for all requests in lines. */
// @ts-check
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { ONE } from '../../workloads/amounts.mjs';
import { sessionOf, streaming } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';
import { Lines } from './lines.mjs';

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);

serveTasks({
  places,
  connect,
  program: {
    imports: "const { connect } = await import('node:net');",
    body: `
      const socket = connect(${port}, '127.0.0.1');
      socket.end('down ${ONE}\\n');
      const chunks = [];
      for await (const chunk of socket) chunks.push(chunk);
      Buffer.concat(chunks);`,
  },
});

function connect() {
  /** @type {Lines | undefined} */
  let lines;
  const ask = (/** @type {string} */ line) => (lines ??= new Lines(port)).ask(line);
  return sessionOf({
    ...streaming(download),
    uploadFile: (localPath, name, { flush = false } = { flush: false }) =>
      upload(localPath, `${flush ? 'up-flush' : 'up'} ${name}`),
    writeFile: (name, data) => write(data, `up ${name}`),
    stat: (name) => ask(`stat ${name}`),
    list: async (name) => /** @type {unknown[]} */ (JSON.parse(await ask(`list ${name}`))).length,
    ping: () => ask('ping'),
    // A line and its answer: as much as a call without values.
    call: () => ask('ping'),
    close: () => lines?.close(),
  });
}

/** @param {string} name */
function download(name) {
  const socket = connectSocket(port, '127.0.0.1');
  socket.end(`down ${name}\n`);
  return socket;
}

/** @type {(localPath: string, line: string) => Promise<void>} */
async function upload(localPath, line) {
  const socket = connectSocket(port, '127.0.0.1');
  socket.write(`${line}\n`);
  createReadStream(localPath).pipe(socket);
  await once(socket.resume(), 'end');
}

/** @type {(data: Buffer, line: string) => Promise<void>} */
async function write(data, line) {
  const socket = connectSocket(port, '127.0.0.1');
  socket.write(`${line}\n`);
  socket.end(data);
  await once(socket.resume(), 'end');
}
