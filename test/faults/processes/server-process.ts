/** A server that is a process of its own: `node server-process.js '{"root":"...","port":0,"options":{}}'`. */
import type { AddressInfo } from 'node:net';
import { FileServer } from '../../../src/index.js';
import type { ServerJob } from './crash-server.js';

const { root, port, options } = JSON.parse(process.argv[2] ?? '') as ServerJob;
const server = await new FileServer({ root, ...options }).listen(port);
process.send?.({ port: (server.address() as AddressInfo).port });
