/** Checksum: of a whole file, computed where the file is. */
import { TransferError } from '../../errors.js';
import { createChecksum, parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { requiredPath, type Operation } from './operation.js';
import { readVersion } from './readable-file.js';

export const checksum: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'read', path: requiredPath(request) }],
  async run(exchange, service) {
    const algorithm = parseChecksumAlgorithm(exchange.request.checksum ?? 'crc32');
    if (algorithm === 'none') throw new TransferError('EINVAL', 'A checksum needs an algorithm.');
    const file = await service.storage.read(requiredPath(exchange.request));
    try {
      const sum = createChecksum(algorithm);
      const whole = { from: 0, to: file.entry.size };
      for await (const piece of readVersion(exchange, file, whole)) sum.update(piece);
      return { size: file.entry.size, etag: file.entry.etag, checksum: sum.digest() };
    } finally {
      await file.close();
    }
  },
};
