/** Download: a file's bytes from an offset on, as they were when it was opened. */
import { TransferError } from '../../errors.js';
import {
  BodyCheck,
  createChecksum,
  isChecksum,
  parseChecksumAlgorithm,
  type ChecksumAlgorithm,
} from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { AnswerFields } from '../../session/server-channel.js';
import type { StoredFile } from '../../storage/storage.js';
import type { Exchange } from '../exchange.js';
import { requiredPath, type Operation, type Service } from './operation.js';
import { readRange, readSome } from './reading.js';

export const download: Operation = {
  takesBody: false,
  needs: (request) => [{ effect: 'read', path: requiredPath(request) }],
  async run(exchange, service) {
    const path = requiredPath(exchange.request);
    const file = await service.storage.read(path);
    try {
      return await sendFile(exchange, service, file);
    } finally {
      await file.close();
    }
  },
};

async function sendFile(
  exchange: Exchange,
  service: Service,
  file: StoredFile,
): Promise<AnswerFields<'result'>> {
  const { request } = exchange;
  const { offset = 0, limit = Infinity, ifMatch } = request;
  const { entry } = file;
  if (ifMatch !== undefined && ifMatch !== entry.etag) throw new TransferError('ESTALE');
  if (offset > entry.size) throw new TransferError('ERANGE');
  const algorithm =
    request.checksum === undefined ? service.checksum : parseChecksumAlgorithm(request.checksum);
  if (request.prefix !== undefined) await comparePrefix(exchange, file, algorithm);
  const check = new BodyCheck(algorithm);
  exchange.accept({ ...entryFields(entry), offset, checksum: algorithm });
  const end = Math.min(entry.size, offset + limit);
  await sendRange(exchange, file, { offset, end, check, service });
  if ((await file.currentEtag()) !== entry.etag)
    throw new TransferError('ESTALE', 'The file changed while it was sent.');
  return { bytes: check.bytes, checksum: check.digest() };
}

/** Throws EBADMSG unless the client has what the file has from `since` up to `offset`. */
async function comparePrefix(
  exchange: Exchange,
  file: StoredFile,
  algorithm: ChecksumAlgorithm,
): Promise<void> {
  const { since = 0, offset = 0, prefix = '' } = exchange.request;
  if (since > offset) throw new TransferError('EINVAL', 'What the client has begins after its end.');
  if (!isChecksum(algorithm, prefix)) {
    throw new TransferError('EINVAL', `The checksum of the prefix is not of the algorithm ${algorithm}.`);
  }
  const sum = createChecksum(algorithm);
  for await (const piece of readRange(exchange, file, { from: since, to: offset })) sum.update(piece);
  if ((await file.currentEtag()) !== file.entry.etag) throw new TransferError('ESTALE');
  if (sum.digest() !== prefix) {
    throw new TransferError('EBADMSG', 'What the client has of the file is damaged.');
  }
}

async function sendRange(
  exchange: Exchange,
  file: StoredFile,
  range: { offset: number; end: number; check: BodyCheck; service: Service },
): Promise<void> {
  const { end, service } = range;
  let position = range.offset;
  const next = (): Promise<Buffer> => readAhead(file, position, Math.min(end, position + service.chunkBytes));
  let reading = next();
  try {
    while (position < end) {
      const chunk = await reading;
      position += chunk.length;
      // The next one is read while this one is on its way.
      reading = next();
      range.check.update(chunk);
      await exchange.send(chunk);
    }
  } finally {
    // The file must not be closed under a read.
    await reading.catch(() => undefined);
  }
}

function readAhead(file: StoredFile, position: number, end: number): Promise<Buffer> {
  const reading = readChunk(file, position, end);
  // It may fail long before anybody waits for it.
  reading.catch(() => undefined);
  return reading;
}

async function readChunk(file: StoredFile, position: number, end: number): Promise<Buffer> {
  // A new buffer each time: what was sent last is still on its way to the socket.
  const buffer = Buffer.allocUnsafeSlow(end - position);
  return buffer.length === 0 ? buffer : readSome(file, buffer, position);
}
