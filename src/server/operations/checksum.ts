/** Checksum: of a whole file, computed where the file is. */
import { TransferError } from '../../errors.js';
import { createChecksum, parseChecksumAlgorithm } from '../../protocol/checksum.js';
import type { StoredFile } from '../../storage/storage.js';
import type { Exchange } from '../exchange.js';
import { requiredPath, type Operation } from './operation.js';
import { CHUNK_BYTES, readSome } from './reading.js';

export const checksum: Operation = {
  takesBody: false,
  async run(exchange, service) {
    const algorithm = parseChecksumAlgorithm(exchange.request.checksum ?? 'crc32');
    if (algorithm === 'none') throw new TransferError('EINVAL', 'A checksum needs an algorithm.');
    const file = await service.storage.read(requiredPath(exchange.request));
    try {
      const sum = createChecksum(algorithm);
      await readAll(exchange, file, (bytes) => sum.update(bytes));
      if ((await file.currentEtag()) !== file.entry.etag) throw new TransferError('ESTALE');
      return { size: file.entry.size, etag: file.entry.etag, checksum: sum.digest() };
    } finally {
      await file.close();
    }
  },
};

async function readAll(
  exchange: Exchange,
  file: StoredFile,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(CHUNK_BYTES, file.entry.size)));
  let position = 0;
  while (position < file.entry.size) {
    exchange.check();
    const piece = await readSome(file, buffer, position);
    take(piece.subarray(0, file.entry.size - position));
    position += piece.length;
  }
}
