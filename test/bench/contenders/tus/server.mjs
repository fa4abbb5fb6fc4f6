/** @tus/server, which stores files under names of its own. */
// @ts-check
import { createServer } from 'node:http';
import path from 'node:path';
import { load } from '../../packages/load.mjs';
import { serving } from '../serving.mjs';
import { told } from '../told.mjs';

/** @import { RequestListener } from 'node:http' */

const { root } = /** @type {import('../told.mjs').ServerArgs} */ (told);
const { Server } = /** @type {{ Server: new (options: object) => { handle: RequestListener } }} */ (
  await load('@tus/server')
);
const { FileStore } = /** @type {{ FileStore: new (options: object) => object }} */ (
  await load('@tus/file-store')
);

const tus = new Server({ path: '/up', datastore: new FileStore({ directory: path.join(root, 'up') }) });
const server = createServer((request, response) => tus.handle(request, response));

server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  serving(address.port, () => server.close());
});
