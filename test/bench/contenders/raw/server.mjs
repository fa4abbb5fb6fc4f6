/**
 * The streams of Node with their defaults, without a protocol. A connection begins with one line: `down name`, `up name`
 * and `up-flush name` are for one file; `stat name`, `list name` and `ping` may be followed by more of their kind.
 */
// @ts-check
import { createReadStream, createWriteStream, stat } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { entriesOf } from '../entries.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

/** @import { Socket } from 'node:net' */

const { root } = /** @type {import('../told.mjs').ServerArgs} */ (told);

const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.once('data', (chunk) => {
    const lineEnd = chunk.indexOf('\n');
    const [verb = '', name = ''] = chunk.toString('utf8', 0, lineEnd).split(' ');
    socket.pause();
    if (verb === 'down') {
      createReadStream(path.join(root, name)).pipe(socket.resume());
    } else if (verb.startsWith('up')) {
      if (lineEnd + 1 < chunk.length) socket.unshift(chunk.subarray(lineEnd + 1));
      store(socket, path.join(root, name), verb === 'up-flush');
    } else {
      socket.unshift(chunk);
      answerLines(socket);
    }
  });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  serving(address.port, () => server.close());
});

/** @type {(socket: Socket, file: string, isFlushed: boolean) => void} */
function store(socket, file, isFlushed) {
  socket.pipe(createWriteStream(file, { flush: isFlushed })).once('finish', () => socket.end());
}

/** Answers are in the order in which they are ready: those that wait are of one kind. @param {Socket} socket */
function answerLines(socket) {
  createInterface({ input: socket }).on('line', (line) => {
    const [verb, name = ''] = line.split(' ');
    if (verb === 'ping') {
      socket.write('pong\n');
    } else if (verb === 'list') {
      void entriesOf(path.join(root, name)).then((entries) => socket.write(`${JSON.stringify(entries)}\n`));
    } else {
      stat(path.join(root, name), (error, stats) => {
        socket.write(error ? 'error\n' : `${stats.size} ${stats.mtimeMs}\n`);
      });
    }
  });
  socket.once('end', () => socket.end());
}
