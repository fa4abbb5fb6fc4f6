/** Sets permissions by path. `chmod` would follow a symbolic link that has replaced the file. */
import { constants } from 'node:fs';
import { hasErrno } from '../../../fs/errno.js';
import type { FileCalls } from './file-calls.js';

const { O_RDONLY, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Sets permission bits. ELOOP for a link; EACCES for a file that may be neither read nor written. */
export async function setFileMode(calls: FileCalls, path: string, mode: number): Promise<void> {
  const fd = await openReadableOrWritable(calls, path);
  try {
    await calls.fchmod(fd, mode);
  } finally {
    await calls.close(fd, 0).catch(() => undefined);
  }
}

async function openReadableOrWritable(calls: FileCalls, path: string): Promise<number> {
  try {
    return await calls.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  } catch (error) {
    if (!hasErrno(error, 'EACCES')) throw error;
    return calls.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  }
}
