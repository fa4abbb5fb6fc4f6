/** A few routes over `node:http`, as they are written by hand: GET, HEAD and PUT of a file in streams, and lists of directories. */
// @ts-check
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { entriesOf } from '../entries.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

/** Idle connections are to stay. */
const KEEP_ALIVE_MS = 600_000;

const { root } = /** @type {import('../told.mjs').ServerArgs} */ (told);

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
  respond(request, response).catch((/** @type {unknown} */ error) => {
    response.destroy(error instanceof Error ? error : undefined);
  });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  serving(address.port, () => server.close());
});

/** @type {(request: IncomingMessage, response: ServerResponse) => Promise<void>} */
async function respond(request, response) {
  const file = path.join(root, request.url ?? '');
  if (request.method === 'PUT') {
    await pipeline(request, createWriteStream(file));
    response.writeHead(204).end();
    return;
  }
  if (file.endsWith('/')) {
    response.end(JSON.stringify(await entriesOf(file)));
    return;
  }
  const { size, mtime } = await stat(file);
  response.writeHead(200, { 'content-length': size, 'last-modified': mtime.toUTCString() });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file), response);
}
