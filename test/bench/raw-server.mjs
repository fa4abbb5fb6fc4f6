/**
 * What Node's streams do by themselves, with their defaults. A connection begins with one line: `down name` and
 * `up name` are for one file, `stat name` may be followed by more of its kind.
 */
// @ts-check
import { createReadStream, createWriteStream, stat } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.join(process.argv[2] ?? '', 'files');

const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.once('data', (chunk) => {
    const lineEnd = chunk.indexOf('\n');
    const [verb = '', name = ''] = chunk.toString('utf8', 0, lineEnd).split(' ');
    socket.pause();
    if (verb === 'stat') {
      socket.unshift(chunk);
      answerStats(socket);
      return;
    }
    if (lineEnd + 1 < chunk.length) socket.unshift(chunk.subarray(lineEnd + 1));
    if (verb === 'down') createReadStream(path.join(root, name)).pipe(socket.resume());
    else socket.pipe(createWriteStream(path.join(root, name))).once('finish', () => socket.end());
  });
});

server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.once('disconnect', () => server.close());

/** @param {import('node:net').Socket} socket */
function answerStats(socket) {
  createInterface({ input: socket }).on('line', (line) => {
    stat(path.join(root, line.slice('stat '.length)), (error, stats) => {
      socket.write(error ? 'error\n' : `${stats.size} ${stats.mtimeMs}\n`);
    });
  });
  socket.once('end', () => socket.end());
}
