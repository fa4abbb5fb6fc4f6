// A stream method: the client gets a Duplex to a function of the server, here one that filters the lines of a log.
// Look at the two pipelines, one at each end: neither holds the log in memory, and the slowest part sets the pace.
// @ts-check
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { createGunzip, createGzip } from 'node:zlib';
import { FileClient, FileServer } from 'socket-ftp';

const server = await new FileServer().listen(0);
server.streamMethod('grep', async (duplex, input) => {
  const word = String(input);
  let found = 0;
  /** @param {AsyncIterable<Buffer>} bytes */
  async function* matching(bytes) {
    for await (const line of createInterface({ input: Readable.from(bytes) }))
      if (line.includes(word)) yield `${String((found += 1))}: ${line}\n`;
  }
  await pipeline(duplex, createGunzip(), matching, createGzip(), duplex);
  return { found };
});

function* log() {
  for (let number = 1; number <= 200_000; number += 1)
    yield `request ${number} ${number % 50_000 ? 'ok' : 'failed'}\n`;
}

const client = new FileClient({ port: server.port });
const stream = client.open('grep', 'failed');
await pipeline(log, createGzip(), stream, createGunzip(), async (lines) => {
  for await (const text of lines) process.stdout.write(String(text));
});
console.log('The server says', await stream.result);

await client.close();
await server.close();
