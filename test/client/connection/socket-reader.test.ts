import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { createServer as createSecuredServer, connect as connectSecured } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  connectRead,
  plainOnread,
  socketReader,
  tlsOnread,
} from '../../../src/client/connection/socket-reader.js';
import { bytesOf } from '../../support/bytes.js';
import { certificate, trusting } from '../../support/servers/secured.js';
import { until } from '../../support/until.js';

const bytes = bytesOf(3_000_000);

const ways = {
  TCP: {
    listen: (serve: (socket: Socket) => void) => createServer({ allowHalfOpen: true }, serve),
    connect: (port: number) =>
      connectRead(plainOnread, (onread) => connect({ port, host: '127.0.0.1', allowHalfOpen: true, onread })),
  },
  TLS: {
    listen: (serve: (socket: Socket) => void) =>
      createSecuredServer({ ...certificate, allowHalfOpen: true }, serve),
    connect: (port: number) => {
      const options = { port, host: '127.0.0.1', allowHalfOpen: true, ...trusting };
      return connectRead(tlsOnread, (onread) => connectSecured(Object.assign({ onread }, options)));
    },
  },
};

describe.each(['TCP', 'TLS'] as const)('the onread source of a socket of %s', (way) => {
  /** A socket to a server that does this with each of its own. */
  async function socketTo(serve: (socket: Socket) => void): Promise<Socket> {
    const listening = ways[way].listen((served) => {
      served.on('error', () => undefined);
      serve(served);
    });
    const server = listening.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = ways[way].connect((server.address() as AddressInfo).port);
    onTestFinished(() => {
      socket.destroy();
      server.close();
    });
    return socket;
  }

  /** The received chunks as copies, because a chunk is lent for one call only; `more` limits them. */
  function readFrom(socket: Socket, more: (chunk: Uint8Array) => boolean = () => true): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    socketReader(socket)?.readTo((chunk) => {
      chunks.push(Buffer.from(chunk));
      return more(chunk);
    });
    return chunks;
  }

  it('delivers all bytes in order, before the end', async () => {
    const socket = await socketTo((served) => served.end(bytes));
    const chunks = readFrom(socket);
    await once(socket, 'end');
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('delivers large chunks', async () => {
    const socket = await socketTo((served) => served.end(bytes));
    const chunks = readFrom(socket);
    await once(socket, 'end');
    expect(Math.max(...chunks.map(({ length }) => length))).toBeGreaterThan(64 * 1024);
    expect(chunks.length).toBeLessThan(100);
  });

  it('keeps the bytes that arrive before the reader is attached, and then pauses', async () => {
    const socket = await socketTo((served) => served.end(bytes));
    await until(() => socket.isPaused());
    const chunks = readFrom(socket);
    expect(chunks.length).toBeGreaterThan(0);
    expect(Buffer.concat(chunks).length).toBeLessThan(bytes.length);
    await once(socket, 'end');
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('reads later chunks into the same memory', async () => {
    const socket = await socketTo((served) => served.end(bytes));
    const memories = new Set<ArrayBufferLike>();
    socketReader(socket)?.readTo((chunk) => memories.add(chunk.buffer).size > 0);
    await once(socket, 'end');
    // Of TLS, one is being filled while another one waits to be.
    expect(memories.size).toBeLessThanOrEqual(way === 'TLS' ? 4 : 1);
  });

  it('pauses when the reader is full, and continues on resume()', async () => {
    const socket = await socketTo((served) => served.end(bytes));
    let paused = 0;
    const chunks = readFrom(socket, () => {
      paused += 1;
      setImmediate(() => setImmediate(() => socket.resume()));
      return false;
    });
    await once(socket, 'end');
    expect(paused).toBe(chunks.length);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('delivers nothing more when the reader is full and does not resume', async () => {
    const stopped = await socketTo((served) => served.end(bytes));
    const chunks = readFrom(stopped, () => false);
    const other = await socketTo((served) => served.end(bytes));
    readFrom(other);
    await Promise.all([once(other, 'end'), until(() => chunks.length > 0)]);
    expect(stopped.isPaused()).toBe(true);
    expect(Buffer.concat(chunks).length).toBeLessThan(bytes.length / 3);
  });

  it('can be destroyed within the callback that receives a chunk', async () => {
    const socket = await socketTo((served) => void served.write(bytes));
    const chunks = readFrom(socket, () => {
      socket.destroy();
      return true;
    });
    await once(socket, 'close');
    expect(Buffer.concat(chunks).length).toBeLessThan(bytes.length);
  });

  it('can still be written to when the other side has ended', async () => {
    const answer = new Promise<string>((resolve) => {
      void socketTo((served) => {
        served.end('question');
        served.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      }).then((socket) => {
        readFrom(socket);
        socket.once('end', () => socket.end('answer'));
      });
    });
    expect(await answer).toBe('answer');
  });
});

describe.each(['end', 'error', 'close'])('bytes in the same tick as its %s', (event) => {
  it('are delivered before it', () => {
    let bring: () => void = () => undefined;
    const socket = connectRead(tlsOnread, ({ buffer, callback }) => {
      const record = buffer as Uint8Array;
      bring = () => void callback(9, Buffer.from(record.buffer).fill('last word'));
      return new Socket();
    });
    const heard: string[] = [];
    socketReader(socket)?.readTo((chunk) => heard.push(Buffer.from(chunk).toString()) > 0);
    socket.on(event, () => heard.push(event));
    bring();
    expect(heard).toEqual([]);
    socket.emit(event);
    expect(heard).toEqual(['last word', event]);
  });
});
