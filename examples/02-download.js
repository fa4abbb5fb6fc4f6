// Downloads a file into a file.
// Look at `pipeline`: a download is a Readable, which fails rather than end early, so what resolves is whole and verified.
// @ts-check
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileClient, FileServer } from 'socket-ftp';

const root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
const target = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
await writeFile(path.join(root, 'photo.raw'), Buffer.alloc(5_000_000, 'pixels '));

const server = await new FileServer({ root }).listen(0);
const { port } = server;
const client = new FileClient({ port });

const download = client.download('photo.raw');
download.entry.then(
  ({ size, mtime }) => console.log(`It has ${size} bytes and was changed at ${mtime.toISOString()}.`),
  () => console.log('There is no such file.'),
);
await pipeline(download, createWriteStream(path.join(target, 'photo.raw')));

const { size } = await stat(path.join(target, 'photo.raw'));
console.log(`${size} bytes are in the file.`);

await client.close();
await server.close();
await rm(root, { recursive: true });
await rm(target, { recursive: true });
