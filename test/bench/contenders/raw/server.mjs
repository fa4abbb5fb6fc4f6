/**
 * The streams of Node with their defaults, without a protocol. A connection begins with one line: `down name` and
 * `up name` are for one file, `stat name` and `ping` may be followed by more of their kind.
 */
// @ts-check
import { createReadStream, createWriteStream, stat } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

const { root } = /** @type {import('../told.mjs').ServerArgs} */ (told);

const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.once('data', (chunk) => {
    const lineEnd = chunk.indexOf('\n');
    const [verb = '', name = ''] = chunk.toString('utf8', 0, lineEnd).split(' ');
    socket.pause();
    if (verb === 'stat' || verb === 'ping') {
      socket.unshift(chunk);
      answerLines(socket);
      return;
    }
    if (lineEnd + 1 < chunk.length) socket.unshift(chunk.subarray(lineEnd + 1));
    if (verb === 'down') createReadStream(path.join(root, name)).pipe(socket.resume());
    else socket.pipe(createWriteStream(path.join(root, name))).once('finish', () => socket.end());
  });
  socket.once('end', () => {
    // Who held it idle has let it go.
    if (socket.bytesRead === 0) socket.end();
  });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  serving(address.port, () => server.close());
});

/** @param {import('node:net').Socket} socket */
function answerLines(socket) {
  createInterface({ input: socket }).on('line', (line) => {
    if (line === 'ping') {
      socket.write('pong\n');
      return;
    }
    stat(path.join(root, line.slice('stat '.length)), (error, stats) => {
      socket.write(error ? 'error\n' : `${stats.size} ${stats.mtimeMs}\n`);
    });
  });
  socket.once('end', () => socket.end());
}
