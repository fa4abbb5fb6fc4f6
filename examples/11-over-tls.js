// Transfers over TLS: sockets that you make yourself, with all of Node's options for certificates.
// Look at `server.accept` and `connect`. The key in support/ is public, for trying out only: make your own.
// @ts-check
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import tls from 'node:tls';
import { FileClient, FileServer, MemoryStorage } from 'socket-ftp';

const key = await readFile(new URL('support/test-only-key.pem', import.meta.url));
const cert = await readFile(new URL('support/test-only-certificate.pem', import.meta.url));

const server = new FileServer({ storage: new MemoryStorage() });
const listener = tls.createServer({ key, cert }, (socket) => server.accept(socket));
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());

const trusting = new FileClient({
  connect() {
    const socket = tls.connect({ host: '127.0.0.1', port, ca: cert, servername: 'localhost' });
    socket.once('secureConnect', () => console.log(socket.getProtocol(), socket.getCipher().name));
    return socket;
  },
});
await trusting.writeFile('secret.txt', 'Nobody on the way can read this.');
console.log(await trusting.readFile('secret.txt', 'utf8'));

const careful = new FileClient({ connect: () => tls.connect({ host: '127.0.0.1', port }) });
await careful.stat('secret.txt').catch((/** @type {unknown} */ error) => {
  console.log('Without the certificate:', error instanceof Error ? error.message : error);
});

await trusting.close();
await careful.close();
await server.close();
listener.close();
