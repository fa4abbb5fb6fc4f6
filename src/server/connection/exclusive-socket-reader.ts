/**
 * Reads a socket that no other code reads, and frees the memory of each large chunk. Node allocates memory for each
 * chunk, and garbage collection frees it late: by then megabytes of it have left the CPU caches. Memory that is freed at
 * once, still in the cache, takes the next chunk.
 *
 *     'data' -> receive, which keeps no reference -> freeMemory
 */
import type { Duplex } from 'node:stream';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Reader } from '../../session/transport/transport.js';

/** For smaller chunks, freeing costs as much as it saves. */
const MIN_FREED_BYTES = 32 * 1024;

/** What Node allocates for a read of a socket. Since Node.js 24, a chunk that fills less of it keeps all of it. */
const READ_BYTES = 64 * 1024;

export function exclusiveSocketReader(socket: Duplex): Reader {
  return {
    readTo: (receive) => {
      // A monitor of all sockets of the process may listen, too, and keep chunks.
      const isWatched = socket.listenerCount('data') > 0;
      socket.on('data', (chunk: Buffer) => {
        if (!receive(chunk)) socket.pause();
        const isOurs = !isWatched && socket.listenerCount('data') === 1;
        if (chunk.length >= MIN_FREED_BYTES && isOurs) freeMemory(chunk);
      });
    },
  };
}

let detachPort: MessagePort | undefined;

/** Transfers the memory to a port whose other end is closed, which frees it. */
function freeMemory(chunk: Buffer): void {
  const { buffer } = chunk;
  if (!(buffer instanceof ArrayBuffer) || !ownsMemory(chunk)) return;
  detachPort ??= closedPort();
  detachPort.postMessage(undefined, [buffer]);
}

function ownsMemory({ buffer, byteOffset, length }: Buffer): boolean {
  return byteOffset === 0 && (buffer.byteLength === length || buffer.byteLength === READ_BYTES);
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  port2.close();
  return port1;
}
