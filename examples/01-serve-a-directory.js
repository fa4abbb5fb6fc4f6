// Serves a directory and lists it from a client.
// Look at `root`: clients may write only where it is named. Port 0 is any that is free.
// @ts-check
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileClient, FileServer } from 'socket-ftp';

const root = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
await writeFile(path.join(root, 'hello.txt'), 'Hello!\n');
await mkdir(path.join(root, 'reports'));
await writeFile(path.join(root, 'reports', 'may.csv'), 'day,sum\n1,42\n');

const server = await new FileServer({ root }).listen(0);
const { port } = server;
console.log(`Serving ${root} on port ${port}:`);

const client = new FileClient({ port });
for await (const { kind, size, mtime, path: name } of client.list('/', { recursive: true })) {
  console.log(`${kind.padEnd(9)} ${String(size).padStart(4)} bytes  ${mtime.toISOString()}  ${name}`);
}

await client.close();
await server.close();
await rm(root, { recursive: true });
