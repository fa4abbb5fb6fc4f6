/** Sends large files through one buffer: a large piece is read, then written, and so on. More of them are no faster. */
// @ts-check

/** @import { Socket } from 'node:net' */
/** @import { Calls } from './calls.mjs' */

const MIB = 1024 * 1024;

/** Bytes of a piece: 4 MiB for a file alone, less for many at once, which share a budget. */
const MOST_BYTES = 4 * MIB;
const LEAST_BYTES = MIB / 4;
const BUDGET_BYTES = 64 * MIB;

/** @type {Buffer[]} */
const buffers = [];
let active = 0;

/** @type {(socket: Socket, from: { fd: number, size: number }, calls: Calls) => Promise<void>} */
export async function sendFile(socket, { fd, size }, calls) {
  active++;
  const buffer = buffers.pop() ?? Buffer.allocUnsafeSlow(MOST_BYTES);
  try {
    for (let position = 0; position < size;) {
      const most = Math.min(size - position, pieceBytes());
      const bytes = await calls.read(fd, buffer.subarray(0, most), position);
      if (bytes === 0) throw new Error('The file has become shorter.');
      await written(socket, buffer.subarray(0, bytes));
      position += bytes;
    }
  } finally {
    active--;
    buffers.push(buffer);
    await calls.close(fd);
  }
}

function pieceBytes() {
  return Math.max(LEAST_BYTES, Math.min(MOST_BYTES, BUDGET_BYTES / active));
}

/** @type {(socket: Socket, piece: Buffer) => Promise<void>} */
function written(socket, piece) {
  return new Promise((resolve, reject) => {
    socket.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
