/** The operation `checksum`: the checksum of a file or of its beginning, computed on the server. */
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
      const { maxBytes } = exchange.request;
      const { size } = file.entry;
      const range = { from: 0, to: Math.min(size, maxBytes ?? size) };
      for await (const piece of readRange(exchange, file, range)) sum.update(piece);
      const bytes = maxBytes === undefined ? undefined : range.to;
      const result = { size, bytes, checksum: sum.digest() };
      const read = [{ ...range, checksum: result.checksum }];
      return { ...result, etag: await confirmVersion(exchange, file, { algorithm, read }) };
    } finally {
      await file.close();
    }
  },
};
