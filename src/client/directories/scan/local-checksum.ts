/** The SHA-256 of a local file, or of its beginning. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { hasErrno } from '../../../fs/errno.js';

const PIECE_BYTES = 256 * 1024;

/** Undefined on systems that have no such flag. */
const { O_NOATIME = 0 } = constants as { O_NOATIME?: number };

/**
 * Reads up to `bytes` bytes; the signal ends it. Rejects with the errors of the file system, and the signal's reason. Unless
 * links are followed, ELOOP for what has become a symbolic link.
 */
export async function localChecksum(
  path: string | Buffer,
  { bytes = Infinity, followsLink, signal }: { bytes?: number; followsLink: boolean; signal: AbortSignal },
): Promise<string> {
  const handle = await openUnnoticed(path, followsLink);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    let position = 0;
    while (position < bytes) {
      signal.throwIfAborted();
      const length = Math.min(buffer.length, bytes - position);
      const { bytesRead } = await handle.read(buffer, 0, length, position);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    return `sha256:${hash.digest('hex')}`;
  } finally {
    await handle.close();
  }
}

/** Whether a file can be opened for reading. Unlike `access()`, this asks for the effective user. */
export async function isReadable(path: string | Buffer): Promise<boolean> {
  try {
    const handle = await openUnnoticed(path, true);
    await handle.close();
    return true;
  } catch {
    return false;
  }
}

/** Opens a file without a change of its access time, where the system allows that to its owner. */
async function openUnnoticed(path: string | Buffer, followsLink: boolean): Promise<FileHandle> {
  // O_NONBLOCK: what was a file may have become a pipe.
  const flags =
    constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (followsLink ? 0 : (constants.O_NOFOLLOW ?? 0));
  try {
    return await fs.open(path, flags | O_NOATIME);
  } catch (error) {
    if (O_NOATIME !== 0 && hasErrno(error, 'EPERM')) return fs.open(path, flags);
    throw error;
  }
}
