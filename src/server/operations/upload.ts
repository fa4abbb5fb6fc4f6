/** Upload: a new version of a file, which shows under its name when all of it has come and been verified. */
import { TransferError } from '../../errors.js';
import { BodyCheck, parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { PendingFile, StorageWriteOptions } from '../../storage/storage.js';
import type { Exchange } from '../exchange.js';
import { requiredPath, writable, type Operation } from './operation.js';

export const upload: Operation = {
  takesBody: true,
  async run(exchange, service) {
    const { request } = exchange;
    const path = requiredPath(request);
    const algorithm =
      request.checksum === undefined ? service.checksum : parseChecksumAlgorithm(request.checksum);
    const pending = await writable(service, 'write').write(path, writeOptions(request));
    try {
      exchange.accept({ path, window: service.windowBytes, checksum: algorithm });
      const check = new BodyCheck(algorithm);
      await receiveBody(exchange, pending, check);
      checkEnd(exchange.end, check);
      exchange.check();
      const entry = await pending.commit();
      return { ...entryFields(entry), bytes: check.bytes, checksum: check.digest() };
    } catch (error) {
      await pending.discard();
      throw error;
    }
  },
};

function writeOptions(request: FrameOf<'open'>): StorageWriteOptions {
  return {
    overwrite: request.overwrite ?? true,
    ifMatch: request.ifMatch,
    mtime: request.mtime === undefined ? undefined : new Date(request.mtime),
    size: request.size,
  };
}

async function receiveBody(exchange: Exchange, pending: PendingFile, check: BodyCheck): Promise<void> {
  const announced = exchange.request.size;
  for (;;) {
    const pieces = await exchange.receive();
    if (!pieces) break;
    for (const piece of pieces) check.update(piece);
    if (announced !== undefined && check.bytes > announced) throw wrongSize(announced);
    await pending.write(pieces);
  }
  if (announced !== undefined && check.bytes !== announced) throw wrongSize(announced);
}

function checkEnd(end: FrameOf<'end'>, check: BodyCheck): void {
  if (end.checksum !== undefined && !end.checksum.startsWith(`${check.algorithm}:`)) {
    throw new TransferError('EINVAL', `The checksum of the body is not of the algorithm ${check.algorithm}.`);
  }
  // A client that sums up nothing may still compare what the result says.
  check.compare({ bytes: end.size, checksum: end.checksum ?? check.digest() });
}

function wrongSize(announced: number): TransferError {
  return new TransferError('EBADMSG', `The body has not the ${announced} bytes that were announced.`);
}
