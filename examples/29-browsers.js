// A server that browsers use, too, on the same port: what curl or a page would send, sent here by fetch().
// Open the URL of your own server in a browser to see the page, and drop a file on it.
// @ts-check
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const server = await new FileServer({ storage: new MemoryStorage(), http: true }).listen(0);
const client = new FileClient({ port: server.port });
const url = `http://localhost:${server.port}`;

server.on('requestEnd', ({ connection, operation, path, bytes }) => {
  if (connection.codec === 'http') console.log('  the server:', operation, path, `${bytes} bytes`);
});

/**
 * @param {string} method
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function request(method, path, init) {
  const response = await fetch(url + path, { method, ...init });
  console.log(method, path, response.status, response.headers.get('content-type') ?? '');
  return response;
}

await client.mkdir('inbox');
await request('PUT', '/inbox/note.txt', { body: 'Hello from a browser.' });
console.log((await client.readFile('inbox/note.txt')).toString());

const part = await request('GET', '/inbox/note.txt', { headers: { range: 'bytes=0-4' } });
console.log(await part.text());

const page = await request('GET', '/inbox/');
console.log((await page.text()).match(/<h1>.*<\/h1>/)?.[0]);

const archive = await request('GET', '/?archive=tar');
console.log((await archive.arrayBuffer()).byteLength, 'bytes of tar');

await client.close();
await server.close();
