/** A scripted server, connection by connection, and a client that reconnects quickly. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { FileClient, type FileClientOptions } from '../../../src/index.js';

/** Options of a client that does not delay a test. */
export const quick = { minDelayMs: 1, maxDelayMs: 20 };

/** A server that greets, and answers each connection by its number, from 1, after the client has sent a frame. */
export async function scripted(
  word: string,
  answer: (connection: number, socket: Socket) => void,
  welcome = '',
): Promise<{ port: number; connections: () => number }> {
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const number = ++count;
    socket.on('error', () => undefined);
    socket.write(welcome);
    let heard = '';
    socket.on('data', (chunk) => {
      const before = heard.includes(word);
      heard += chunk.toString();
      if (!before && heard.includes(word)) answer(number, socket);
    });
    onTestFinished(() => void socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => count };
}

/** A port of loopback where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A client that reconnects quickly. */
export function clientAt(port: number, options: FileClientOptions = {}): FileClient {
  const client = new FileClient({ port, codec: 'text', reconnect: quick, ...options });
  onTestFinished(() => client.destroy());
  return client;
}
