// Browsers and curl reach a server of files through node:http: examples/gateway/http-gateway.js, used here by fetch().
// Look at the statuses: each is the code of a TransferError, in the words of HTTP.
// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:http';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';
import { httpGateway } from './gateway/http-gateway.js';

const server = await new FileServer({ storage: new MemoryStorage() }).listen(0);
const client = new FileClient({ port: server.port });
const gateway = createServer(httpGateway(client, { maxBytes: 1_000_000 })).listen(0, '127.0.0.1');
await once(gateway, 'listening');
const address = gateway.address();
const port = typeof address === 'object' ? address?.port : address;

/**
 * @param {string} method
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function request(method, path, init = {}) {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method, ...init });
  console.log(method, path, response.status, await response.text());
  return response.headers.get('etag') ?? '';
}

await request('PUT', 'note.txt', { body: 'Hello, HTTP!' });
const etag = await request('GET', 'note.txt');
await request('GET', 'note.txt', { headers: { range: 'bytes=7-10' } });
await request('GET', 'note.txt', { headers: { range: 'bytes=99-' } });
await request('GET', 'note.txt', { headers: { 'if-none-match': etag } });
await request('PUT', 'note.txt', { body: 'Another', headers: { 'if-none-match': '*' } });
await request('PUT', 'large.bin', { body: new Uint8Array(1_000_001) });
await request('DELETE', 'note.txt');
await request('GET', 'note.txt');

gateway.close();
await client.close();
await server.close();
