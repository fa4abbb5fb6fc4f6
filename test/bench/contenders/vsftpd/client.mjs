/** curl, and a few lines of FTP for operations that curl lacks. */
// @ts-check
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { forEachAtOnce } from '../../measuring/at-once.mjs';
import { curlRuns } from '../curl.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);

/** Maximum number of connections that wait for accept(); further ones are dropped, and retried by the client. */
const BACKLOG = 32;

/** @type {import('node:net').Socket[]} */
const idle = [];

serveTasks(
  {
    ...curlRuns(`ftp://127.0.0.1:${port}`, places, BACKLOG),
    idle: ({ connections }) => forEachAtOnce(connections, 16, logIn),
  },
  { letGo },
);

async function logIn() {
  const socket = connect(port, '127.0.0.1');
  socket.write('USER anonymous\r\n');
  for await (const line of createInterface({ input: socket })) {
    if (!line.startsWith('230')) continue;
    idle.push(socket);
    return;
  }
  throw new Error('vsftpd has let nobody in.');
}

async function letGo() {
  const closed = idle.map((socket) => once(socket.resume(), 'close'));
  for (const socket of idle.splice(0)) socket.end('QUIT\r\n');
  await Promise.all(closed);
}
