/** The UDP sockets of this process, also those that do not keep it alive. */
import type { Socket } from 'node:dgram';
import { subscribe } from 'node:diagnostics_channel';

const sockets = new Set<Socket>();

subscribe('udp.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

/** The ports of the UDP sockets that were made since this file was imported, and are open. */
export function udpPorts(): number[] {
  return [...sockets].flatMap((socket) => {
    try {
      return [socket.address().port];
    } catch {
      // It is not bound yet, or is closed, and the system has not told yet.
      return [];
    }
  });
}
