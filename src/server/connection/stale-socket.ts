/** Removes the Unix socket that a server left behind when it was killed. */
import { lstatSync, unlinkSync, type BigIntStats } from 'node:fs';
import { connect } from 'node:net';

/**
 * Removes a Unix socket if no process listens on it. False if there is no such socket: one of a running server, or
 * anything that is not a socket, stays. The socket is compared once more right before its removal, because another
 * server that starts at the same time may have replaced it.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  try {
    const found = socketAt(path);
    if (!found || !(await isRefused(path))) return false;
    const now = socketAt(path);
    if (now?.ino !== found.ino || now.ctimeNs !== found.ctimeNs) return false;
    unlinkSync(path);
    return true;
  } catch {
    // It is in an abstract namespace, or in a directory where this process may not remove it.
    return false;
  }
}

function socketAt(path: string): BigIntStats | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isSocket() === true ? stats : undefined;
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
