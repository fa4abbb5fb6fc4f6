/** Download: a file's bytes from an offset on, as they were when it was opened. */
import { TransferError } from '../../errors.js';
import { BodyCheck, parseChecksumAlgorithm } from '../../protocol/checksum.js';
import { entryFields } from '../../protocol/entry.js';
import type { AnswerFields } from '../../session/server-channel.js';
import type { StoredFile } from '../../storage/storage.js';
import type { Exchange } from '../exchange.js';
import { requiredPath, type Operation, type Service } from './operation.js';
import { CHUNK_BYTES, readSome } from './reading.js';

export const download: Operation = {
  takesBody: false,
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
  const check = new BodyCheck(algorithm);
  exchange.accept({ ...entryFields(entry), offset, checksum: algorithm });
  const end = Math.min(entry.size, offset + limit);
  await sendRange(exchange, file, { offset, end, check });
  if ((await file.currentEtag()) !== entry.etag)
    throw new TransferError('ESTALE', 'The file changed while it was sent.');
  return { bytes: check.bytes, checksum: check.digest() };
}

async function sendRange(
  exchange: Exchange,
  file: StoredFile,
  range: { offset: number; end: number; check: BodyCheck },
): Promise<void> {
  let position = range.offset;
  let reading = readAhead(file, position, range.end);
  try {
    while (position < range.end) {
      const chunk = await reading;
      position += chunk.length;
      // The next one is read while this one is on its way.
      reading = readAhead(file, position, range.end);
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
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - position));
  return buffer.length === 0 ? buffer : readSome(file, buffer, position);
}
