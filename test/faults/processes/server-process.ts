/**
 * A server that is a process of its own: `node server-process.js '{"root":"...","port":0,"options":{}}'`. It can be killed,
 * and it closes when it gets a message with the options of `close()`.
 */
import type { AddressInfo } from 'node:net';
import { FileServer, type ServerCloseOptions } from '../../../src/index.js';
import type { ServerJob, ServerReport } from './crash-server.js';

const { root, port, options } = JSON.parse(process.argv[2] ?? '') as ServerJob;
const report: ServerReport = { connectedAt: [], interrupted: 0 };
const server = new FileServer({ root, ...options });
server.on('connection', () => void report.connectedAt.push(performance.now()));
server.on('requestEnd', ({ error }) => (report.interrupted += error?.code === 'ESHUTDOWN' ? 1 : 0));
await server.listen(port);
process.on('message', (closeOptions: ServerCloseOptions) => {
  void server.close(closeOptions).then(() => process.send?.(report, () => process.disconnect()));
});
process.send?.({ port: (server.address() as AddressInfo).port });
