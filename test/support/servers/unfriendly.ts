/** Misbehaving ends, transports and storages, and ways to observe the effects. */
import { once } from 'node:events';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { FileClient, MemoryStorage, type FileClientOptions, type Storage } from '../../../src/index.js';

export const WELCOME = 'welcome version=1 maxFrame=65536 maxChannels=64\n';

/** Of a server that answers requests again. */
export const SESSION_WELCOME = WELCOME.replace('\n', ` session=${'a'.repeat(32)}\n`);

export function storageWith(methods: Partial<Storage>): Storage {
  const memory = new MemoryStorage();
  const base: Storage = {
    stat: (path) => memory.stat(path),
    list: (path, options) => memory.list(path, options),
    read: (path) => memory.read(path),
    write: (path, options) => memory.write(path, options),
  };
  return { ...base, ...methods };
}

/** Resolves after so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The unhandled rejections and uncaught exceptions while something runs, kept from the test runner. */
export async function uncaughtDuring(action: () => Promise<void>): Promise<unknown[]> {
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const caught: unknown[] = [];
  const note = (error: unknown): void => void caught.push(error);
  for (const event of events) {
    process.removeAllListeners(event);
    process.on(event, note);
  }
  try {
    await action();
    // An unhandled rejection is reported at the end of its tick.
    await turns(3);
  } finally {
    events.forEach((event, index) => {
      process.removeAllListeners(event);
      for (const listener of before[index] ?? []) process.on(event, listener);
    });
  }
  return caught;
}

/**
 * A client of a server that greets, for which a change waits, and sends these bytes when the client has sent a word; both
 * at once if the word comes with `hello`. The client asks for checksums only if the answer has some.
 */
export async function clientOf(
  answer: string,
  word = 'open ',
  options: FileClientOptions = {},
): Promise<FileClient> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    let asked = '';
    socket.on('data', (chunk) => {
      const before = asked;
      asked += chunk.toString();
      const answerTo = (part: string, bytes: string): string =>
        asked.includes(part) && !before.includes(part) ? bytes : '';
      socket.write(answerTo('hello ', WELCOME) + answerTo(word, answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const checksum = /checksum=(crc32|sha256)/.test(answer) ? 'crc32' : 'none';
  const { port } = server.address() as AddressInfo;
  const client = new FileClient({ port, codec: 'text', checksum, ...options });
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return client;
}

/** The server's socket of a client's. */
export function serverSide(socket: Socket): Socket | undefined {
  return (process as unknown as { _getActiveHandles(): object[] })
    ._getActiveHandles()
    .filter((handle): handle is Socket => handle instanceof Socket)
    .find((handle) => handle.remotePort === socket.localPort && handle.localPort === socket.remotePort);
}

/**
 * Two ends of a connection with a small buffer, as of a slow link.
 *
 * @param msAPiece - how long each piece is on its way; without it, until the next turn of the event loop
 */
export function narrowPair(bytes: number, msAPiece?: number): [Duplex, Duplex] {
  const soon = (done: () => void): void => {
    if (msAPiece === undefined) setImmediate(done);
    else setTimeout(done, msAPiece);
  };
  const ends: Duplex[] = [];
  const wakes: ((() => void) | undefined)[] = [undefined, undefined];
  const make = (own: number, other: number): Duplex =>
    new Duplex({
      allowHalfOpen: true,
      readableHighWaterMark: bytes,
      writableHighWaterMark: bytes,
      read: () => {
        const wake = wakes[own];
        wakes[own] = undefined;
        wake?.();
      },
      write: (chunk: Buffer, _encoding, done) => {
        const step = (at: number): void => {
          if (at >= chunk.length) return soon(done);
          const more = ends[other]?.push(chunk.subarray(at, at + bytes));
          if (more) soon(() => step(at + bytes));
          else wakes[other] = () => soon(() => step(at + bytes));
        };
        step(0);
      },
      final: (done) => {
        ends[other]?.push(null);
        done();
      },
    });
  ends.push(make(0, 1), make(1, 0));
  return ends as [Duplex, Duplex];
}
