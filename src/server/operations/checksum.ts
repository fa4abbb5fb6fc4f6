/** The operation `checksum`: the checksum of a whole file, computed on the server. */
import { TransferError } from '../../errors.js';
import { createChecksum, parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { requiredPath, type Operation } from './operation.js';
import { confirmVersion, readRange } from '../request/readable-file.js';

export const checksum: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'read', path: requiredPath(request) }],
  async run(exchange, { storage }) {
    const algorithm = parseChecksumAlgorithm(exchange.request.checksum ?? 'crc32');
    if (algorithm === 'none')
      throw new TransferError('EINVAL', 'The operation checksum needs an algorithm, not none.');
    const file = await storage.read(requiredPath(exchange.request));
    try {
      const sum = createChecksum(algorithm);
      const whole = { from: 0, to: file.entry.size };
      for await (const piece of readRange(exchange, file, whole)) sum.update(piece);
      const result = { size: whole.to, checksum: sum.digest() };
      const read = [{ ...whole, checksum: result.checksum }];
      return { ...result, etag: await confirmVersion(exchange, file, { algorithm, read }) };
    } finally {
      await file.close();
    }
  },
};
