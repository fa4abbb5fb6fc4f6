// Server and client without any socket: each has an endpoint, a Duplex of bytes that may be joined with anything.
// Look at the two pipelines, here over a pair in memory; what stands between them sees every byte.
// @ts-check
import { PassThrough, duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const server = new FileServer({ storage: new MemoryStorage() });
const client = new FileClient({ codec: 'json' });
const [left, right] = duplexPair();

let bytesOnTheWay = 0;
const counter = new PassThrough().on('data', (/** @type {Buffer} */ chunk) => {
  bytesOnTheWay += chunk.length;
});
const ended = Promise.all([
  pipeline(left, server.endpoint(), left),
  pipeline(right, client.endpoint(), counter, right),
]);

await client.mkdir('in/memory', { recursive: true });
await client.writeFile('in/memory/note.txt', 'No port was opened for this.');
console.log(await client.readFile('in/memory/note.txt', 'utf8'));

await client.close();
await ended;
await server.close();
console.log(`The client sent ${bytesOnTheWay} bytes, and both pipelines have ended.`);
