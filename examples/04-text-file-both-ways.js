// The classic exercise: a simple file transfer client and a blocking server send a text file both ways.
// Look at `strategy` and `codec`: requests are served one after another, and their frames are plain words.
// @ts-check
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { FileClient, FileServer } from 'socket-ftp';

const root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
const mine = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
await writeFile(path.join(mine, 'poem.txt'), 'Frames go out and frames come in,\none by one, in line.\n');

const server = await new FileServer({ root, strategy: 'blocking', codec: 'text' }).listen(0);
server.on('requestEnd', ({ operation, path: name = '/', bytes }) => {
  console.log(`server: ${operation} of ${name}, ${bytes} bytes`);
});
const { port } = server;
const client = new FileClient({ port, codec: 'text' });

await pipeline(createReadStream(path.join(mine, 'poem.txt')), client.upload('poem.txt'));
await pipeline(client.download('poem.txt'), createWriteStream(path.join(mine, 'copy.txt')));

console.log(await readFile(path.join(mine, 'copy.txt'), 'utf8'));

await client.close();
await server.close();
await rm(root, { recursive: true });
await rm(mine, { recursive: true });
