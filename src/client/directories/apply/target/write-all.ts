/** Writes bytes to an open file. */
import type { FileHandle } from 'node:fs/promises';
import { TransferError } from '../../../../errors.js';
import { asyncCalls, type FileCalls } from './file-calls.js';

/** Bytes of one read of a copy. */
const PIECE_BYTES = 512 * 1024;

/** Writes all bytes at the current position. */
export async function writeAll(calls: FileCalls, fd: number, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await calls.write(fd, rest));
}

/** Copies the first bytes of a file. ESTALE if it has fewer. */
export async function copyBytes(from: FileHandle, fd: number, bytes: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(bytes, PIECE_BYTES));
  let position = 0;
  while (position < bytes) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, bytes - position), position);
    if (bytesRead === 0) throw new TransferError('ESTALE');
    await writeAll(asyncCalls, fd, buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}
