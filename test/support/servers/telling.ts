/** A server in text that greets, and gives every header of the client's to a test. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { until } from '../until.js';
import { WELCOME } from './unfriendly.js';

/** A header from a client, and its socket. */
export interface Told {
  readonly line: string;
  /** The value of `id`. */
  readonly id: string;
  /** The number of its connection, from 1. */
  readonly connection: number;
  readonly socket: Socket;
}

/** Starts one. */
export async function telling(
  tell: (told: Told) => void,
  welcome = WELCOME,
): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = ++connections;
    socket.on('error', () => undefined);
    socket.write(welcome);
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        const id = /\bid=(\d+)/.exec(line)?.[1] ?? '';
        if (/^(hello|open|data|end|ack|cancel|ping) ?/.test(line)) tell({ line, id, connection, socket });
      }
    });
    socket.on('end', () => socket.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** The pong to a ping. */
export function pongTo({ line }: Told): string {
  return `${line.replace('ping', 'pong').replace(/ check=\d+/, '')}\n`;
}

/** Waits until a promise has settled, or too much has been done. */
export async function settledOr(promise: Promise<unknown>, tooMuch: () => boolean): Promise<void> {
  let over = false;
  const end = (): void => void (over = true);
  promise.then(end, end);
  await until(() => over || tooMuch());
}
