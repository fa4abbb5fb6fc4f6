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
    const { result, last } = await sendFile(exchange, service, file).finally(() => file.close());
    if (last) {
      await exchange.writer.end(last.bytes, result);
      if (last.buffer) service.buffers.sent(last.buffer);
    }
    return result;
  },
};

/** Sends all of it but the last piece, behind which the result can go out at once. */
async function sendFile(
  exchange: Exchange,
  service: Service,
  file: StoredFile,
): Promise<{ result: AnswerFields<'result'>; last: LastPiece | undefined }> {
  const { request } = exchange;
  const { offset = 0, limit = Infinity, ifMatch } = request;
  const { entry } = file;
  if (ifMatch !== undefined && ifMatch !== entry.etag) throw new TransferError('ESTALE');
  if (offset > entry.size) throw new TransferError('ERANGE');
  const algorithm =
    request.checksum === undefined ? service.checksum : parseChecksumAlgorithm(request.checksum);
  if (request.prefix !== undefined) await comparePrefix(exchange, file, algorithm);
  const check = new BodyCheck(algorithm);
  exchange.accept({ offset, checksum: algorithm, ...entryFields(entry) });
  const end = Math.min(entry.size, offset + limit);
  const content = file.content?.length === entry.size ? file.content : undefined;
  const last = content
    ? lastOf(content.subarray(offset, end), file.spare, check)
    : await sendRange(exchange, file, { offset, end, check, service });
  // What is at hand is of the version that was opened.
  if (!content && (await file.currentEtag()) !== entry.etag)
    throw new TransferError('ESTALE', 'The file changed while it was sent.');
  return { result: { bytes: check.bytes, checksum: check.digest() }, last };
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
): Promise<Chunk | undefined> {
  const { end, service } = range;
  const { writer } = exchange;
  let position = range.offset;
  let reading = nextChunk(service, file, { position, end });
  try {
    while (reading) {
      const chunk: Chunk = await reading;
      position += chunk.bytes.length;
      // The next one is read while this one is on its way.
      reading = nextChunk(service, file, { position, end });
      range.check.update(chunk.bytes);
      if (!reading) return chunk;
      await writer.write(chunk.bytes);
      service.buffers.sent(chunk.buffer);
    }
    return undefined;
  } finally {
    // The file must not be closed under a read.
    await reading?.catch(() => undefined);
  }
}

/** What goes out last, and the buffer that is ours again then, if any is. */
interface LastPiece {
  readonly bytes: Uint8Array;
  readonly buffer: Buffer | undefined;
}

/** What was read, and the buffer of which it is the first part. */
interface Chunk extends LastPiece {
  readonly buffer: Buffer;
}

/** Sums up bytes that are at hand; undefined if there are none. */
function lastOf(bytes: Uint8Array, buffer: Buffer | undefined, check: BodyCheck): LastPiece | undefined {
  check.update(bytes);
  return bytes.length > 0 ? { bytes, buffer } : undefined;
}

function nextChunk(
  { buffers }: Service,
  file: StoredFile,
  { position, end }: { position: number; end: number },
): Promise<Chunk> | undefined {
  const left = end - position;
  if (left === 0) return undefined;
  const buffer = buffers.take(left);
  const reading = readChunk(file, left < buffer.length ? buffer.subarray(0, left) : buffer, {
    position,
    buffer,
  });
  // It may fail long before anybody waits for it.
  reading.catch(() => undefined);
  return reading;
}

async function readChunk(
  file: StoredFile,
  target: Buffer,
  { position, buffer }: { position: number; buffer: Buffer },
): Promise<Chunk> {
  return { buffer, bytes: await readSome(file, target, position) };
}
