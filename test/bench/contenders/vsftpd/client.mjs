/** curl, and a few lines of FTP for operations that curl lacks. */
// @ts-check
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { createInterface } from 'node:readline';
import { curlRuns } from '../curl.mjs';
import { sessionOf } from '../session.mjs';
import { serveTasks } from '../tasks.mjs';
import { told } from '../told.mjs';

const { address: port, ...places } = /** @type {import('../told.mjs').ClientArgs} */ (told);

/** Maximum number of connections that wait for accept(); further ones are dropped, and retried by the client. */
const BACKLOG = 32;

serveTasks({ places, connect, runs: curlRuns(`ftp://127.0.0.1:${port}`, places, BACKLOG) });

function connect() {
  /** @type {import('node:net').Socket | undefined} */
  let socket;
  return sessionOf({
    // The request of an idle connection.
    stat: async (name) => {
      socket = connectSocket(port, '127.0.0.1');
      await answered(socket, 'USER anonymous', '230');
      await answered(socket, `SIZE ${name}`, '213');
    },
    close: async () => {
      if (!socket) return;
      const closed = once(socket.resume(), 'close');
      socket.end('QUIT\r\n');
      await closed;
    },
  });
}

/** @type {(socket: import('node:net').Socket, command: string, code: string) => Promise<void>} */
async function answered(socket, command, code) {
  socket.write(`${command}\r\n`);
  const lines = createInterface({ input: socket });
  for (;;) {
    const [line] = /** @type {[string]} */ (await once(lines, 'line'));
    if (line.startsWith(code)) break;
    if (line.startsWith('5')) throw new Error(line);
  }
  lines.close();
}
