// Moves local files, and goes on where an earlier call was stopped: here by a signal, but a kill -9 does as well.
// Look at `resumedFrom`: these bytes did not have to be sent once more. The clients know nothing of each other.
// @ts-check
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileClient, FileServer } from 'socket-ftp';

const root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
const mine = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
await writeFile(path.join(root, 'film.mp4'), Buffer.alloc(20_000_000, 'film'));

const server = await new FileServer({ root }).listen(0);
const { port } = server;
const target = path.join(mine, 'film.mp4');

const first = new FileClient({ port });
const stop = new AbortController();
await first
  .downloadFile('film.mp4', target, {
    signal: stop.signal,
    onProgress: ({ bytes }) => bytes > 10_000_000 && stop.abort(),
  })
  .catch((/** @type {unknown} */ error) => console.log(String(error)));
console.log('What is there now:', await readdir(mine));
await first.close();

const second = new FileClient({ port });
const { size, resumedFrom } = await second.downloadFile('film.mp4', target);
console.log(
  `The second call began with ${resumedFrom > 10_000_000 ? 'more' : 'less'} than half of ${size} bytes.`,
);
console.log('What is there now:', await readdir(mine));

const stored = await second.uploadFile(target, 'copy.mp4', { overwrite: false });
console.log(`Stored ${stored.size} bytes, verified by ${stored.checksum}.`);

await second.close();
await server.close();
for (const directory of [root, mine]) await rm(directory, { recursive: true });
