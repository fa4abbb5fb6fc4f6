/**
 * A lock on a file between the processes of a machine, on Linux of a container. The system releases it when the process
 * ends in any way; a lock file with a process id could be left behind, and be taken over by two processes at once.
 *
 *     macOS, BSD, Windows   the file is opened with a lock flag
 *     Linux                 Node cannot lock files there: an abstract socket is named after the file's device and inode
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { hasErrno } from '../../../fs/errno.js';

export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

// O_EXLOCK of these systems and libuv's flag for Windows; Node has no constants for them.
const O_EXLOCK = 0x20;
const UV_FS_O_EXLOCK = 0x1000_0000;

const flags: Partial<Record<NodeJS.Platform, number>> = {
  darwin: O_EXLOCK,
  freebsd: O_EXLOCK,
  netbsd: O_EXLOCK,
  openbsd: O_EXLOCK,
  win32: UV_FS_O_EXLOCK,
};

const hasAbstractSockets = process.platform === 'linux' || process.platform === 'android';

/** To be opened with, beside O_NONBLOCK: where the system locks files so, opening fails if another one has it open. */
export const LOCK_FLAG = flags[process.platform] ?? 0;

/** Whether opening or locking failed because another process or call has the lock. */
export function isLocked(thrown: unknown): boolean {
  return hasErrno(thrown, 'EADDRINUSE', 'EAGAIN', 'EWOULDBLOCK', 'EBUSY');
}

/** Locks a file that was opened with {@link LOCK_FLAG}. Resolves with a function that unlocks it; rejects if it is locked. */
export async function lockFile({ dev, ino }: FileIdentity): Promise<() => Promise<void>> {
  if (!hasAbstractSockets) return async () => undefined;
  const server = createServer((socket) => void socket.destroy());
  // Exclusive: workers of a cluster would share it.
  server.listen({ path: `\0socket-ftp/part/${dev}:${ino}`, exclusive: true });
  server.unref();
  await once(server, 'listening');
  return () => new Promise((resolve) => server.close(() => resolve()));
}
