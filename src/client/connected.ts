/** Waits until a socket is connected, or secured. */
import type { Socket } from 'node:net';
import { TransferError } from '../errors.js';
import type { Endpoint } from '../session/endpoint.js';

/** Resolves with the event. Rejects if the socket is lost before; destroys it when the endpoint is closed. */
export function connected(
  socket: Socket,
  endpoint: Endpoint,
  event: 'connect' | 'secureConnect',
): Promise<void> {
  // One may also come before the connection is joined with anything, when nobody else listens yet.
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    const closed = (): void => void socket.destroy();
    endpoint.once('close', closed);
    socket.once('error', reject);
    socket.once('close', () => reject(new TransferError('ECONNRESET')));
    socket.once(event, () => {
      endpoint.off('close', closed);
      socket.off('error', reject);
      resolve();
    });
  });
}
