/** Fixtures of the TLS tests: an authority, the certificate of a server, and raw clients over TLS. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import { MemoryStorage, type FileServerOptions } from '../../../src/index.js';
import { Authority } from './certificates.js';
import { serve, type Served } from './serve.js';
import { Wire } from '../frames/wire.js';

export const authority = new Authority();

/** For a server. */
export const certificate = authority.issue('server');

/** For a client, of the server's certificate. */
export const trusting = { ca: authority.cert };

/** A server of files in memory with the certificate. */
export function serveSecured(options: FileServerOptions = {}): Promise<Served> {
  return serve({ storage: new MemoryStorage(), tls: certificate, ...options });
}

/** A socket of TLS to a port of loopback, connecting. */
export function tlsSocket(port: number, options: tls.ConnectionOptions = {}): tls.TLSSocket {
  const all = { host: '127.0.0.1', port, allowHalfOpen: true, ...trusting, ...options };
  const socket = tls.connect(all);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** A raw client over TLS. */
export async function tlsWire(port: number, options: tls.ConnectionOptions = {}): Promise<Wire> {
  const socket = tlsSocket(port, options);
  await once(socket, 'secureConnect');
  return new Wire(socket);
}

/** The first bytes of a client that speaks TLS. */
export async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = tls.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  socket.on('error', () => undefined);
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(accepted, 'data')) as [Buffer];
  socket.destroy();
  accepted.destroy();
  server.close();
  return hello;
}
