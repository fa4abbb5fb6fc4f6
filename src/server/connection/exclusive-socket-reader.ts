/**
 * Reads a socket that nobody else reads. Node brings each chunk in memory of its own, which is not let go of before the
 * next garbage collection: by then many megabytes of it are in no cache any more. Given back at once, the same memory,
 * still warm, brings the next chunk.
 *
 *     'data' -> receive, which holds nothing of it -> give its memory back
 */
import type { Duplex } from 'node:stream';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Reader } from '../../session/transport/transport.js';

/** Bytes below which giving back costs as much as it saves. */
const MIN_FREED_BYTES = 32 * 1024;

/** Who reads a socket that this process has accepted. */
export function exclusiveSocketReader(socket: Duplex): Reader {
  return {
    readTo: (receive) => {
      // Whoever watches all sockets of the process may listen, too, and keep what comes.
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

/** What is transferred to a port whose other end is closed ceases to be. */
function freeMemory({ buffer, length }: Buffer): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== length) return;
  detachPort ??= portToNowhere();
  detachPort.postMessage(undefined, [buffer]);
}

function portToNowhere(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  port2.close();
  return port1;
}
