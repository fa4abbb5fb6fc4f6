// A server in a child process, spoken to over its stdin and stdout: no port, no socket, as over ssh.
// Look at `connect`: it starts the child and makes one Duplex of the two pipes.
// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

if (process.argv[2] === 'serve') await serve();
else await ask();

/** The child: its stdout belongs to the protocol, so it must not print. */
async function serve() {
  const server = new FileServer({ storage: new MemoryStorage() });
  await pipeline(process.stdin, server.endpoint(), process.stdout);
  await server.close();
}

async function ask() {
  const child = spawn(process.execPath, [import.meta.filename, 'serve'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const client = new FileClient({
    connect: () => Duplex.from({ readable: child.stdout, writable: child.stdin }),
  });
  const { size, checksum } = await client.writeFile('data.bin', Buffer.alloc(3_000_000, 'over a pipe '));
  console.log(`Process ${child.pid} has taken ${size} bytes, verified by ${checksum}.`);
  console.log(`It answers a ping within ${(await client.ping()).toFixed(1)} ms.`);

  const [[code]] = await Promise.all([once(child, 'exit'), client.close()]);
  console.log(`When the client had closed, it ended by itself with code ${code}.`);
}
