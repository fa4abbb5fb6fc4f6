// The counters of a server and a client, as a page that Prometheus reads.
// @ts-check
import http from 'node:http';
import { FileClient, FileServer, MemoryStorage, toPrometheus } from 'socket-ftp';

const server = await new FileServer({ storage: new MemoryStorage() }).listen(0);
const client = new FileClient({ port: server.port });

const metrics = http.createServer((_request, response) => {
  const labels = { instance: 'example' };
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  response.end(toPrometheus(server.stats(), { labels }) + toPrometheus(client.stats(), { labels }));
});
await new Promise((resolve) => metrics.listen(0, '127.0.0.1', () => resolve(undefined)));

await client.writeFile('a.txt', 'one');
await client.readFile('a.txt');
await client.readFile('missing.txt').catch(() => undefined);

const address = metrics.address();
const port = typeof address === 'object' ? address?.port : undefined;
const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
console.log(page.match(/^socket_ftp_\w+_requests_total.*$/gm)?.join('\n'));

metrics.closeAllConnections();
metrics.close();
await client.close();
await server.close();
