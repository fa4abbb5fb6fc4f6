// Uploads a file.
// Look at `pipeline`: it resolves when the server has stored the file, whole and verified; until then the older one stands.
// @ts-check
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileClient, FileServer } from 'socket-ftp';

const root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
const source = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
await writeFile(path.join(source, 'photo.raw'), Buffer.alloc(5_000_000, 'pixels '));

const server = await new FileServer({ root }).listen(0);
const { port } = server;
const client = new FileClient({ port });

const upload = client.upload('photo.raw');
await pipeline(createReadStream(path.join(source, 'photo.raw')), upload);

const { size, checksum, etag } = await upload.completed;
console.log(`Stored ${size} bytes, verified by ${checksum}.`);

const note = 'Taken in May.\n';
await client.writeFile('photo.txt', note, { overwrite: false });
await client.writeFile('photo.raw', 'smaller', { ifMatch: etag });
for await (const entry of client.list()) console.log(`${entry.path} has ${entry.size} bytes.`);

await client.close();
await server.close();
await rm(root, { recursive: true });
await rm(source, { recursive: true });
