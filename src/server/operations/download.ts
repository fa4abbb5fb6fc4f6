/**
 * The operation `download`: the bytes of one version of a file, from an offset on.
 *
 *     readFile (small) -> whole file -> compare prefix -> accept -> body and result
 *     read             -> compare prefix -> accept -> chunk ... -> same version? -> last chunk and result
 */
import { TransferError } from '../../errors.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { isSameVersion } from '../../protocol/weak-etag.js';
import { entryFields, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { RUNNING_CHECKSUM_BYTES } from '../../protocol/limits.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { StoredFile, WholeFile } from '../../storage/storage.js';
import type { Exchange } from '../request/exchange.js';
import { comparePrefix } from '../request/compare-prefix.js';
import { follow } from '../watches/follow.js';
import { requiredPath, type Operation, type OperationContext } from './operation.js';
import { confirmVersion, readSome, readVersion, type ReadBefore } from '../request/readable-file.js';

export const download: Operation = {
  takesBody: false,
  isEndless: (request) => request.follow === true,
  needs: (request) => [{ permission: 'read', path: requiredPath(request) }],
  async run(exchange, service) {
    if (exchange.request.follow) return follow(exchange, service);
    const path = requiredPath(exchange.request);
    const whole = await service.storage.readFile?.(path);
    if (whole) return sendWhole(exchange, service, whole);
    const file = await service.storage.read(path);
    const { result, last } = await sendFile(exchange, service, file).finally(() => file.close());
    if (last) {
      await exchange.writeLast(last.bytes, result);
      service.buffers.sent(last.buffer);
    }
    return result;
  },
};

async function sendWhole(
  exchange: Exchange,
  service: OperationContext,
  { entry, bytes }: WholeFile,
): Promise<AnswerFields<'result'>> {
  if (bytes.length !== entry.size)
    throw new TransferError('EIO', `The storage read ${bytes.length} of ${entry.size} bytes of the file.`);
  const { offset, end, algorithm } = rangeOf(exchange.request, service, entry);
  const { prefix, since = 0 } = exchange.request;
  if (prefix !== undefined) await comparePrefix(exchange, algorithm, [bytes.subarray(since, offset)]);
  exchange.accept({ offset, checksum: algorithm, ...entryFields(entry) });
  exchange.expectBody(end - offset);
  const check = new BodyChecksum(algorithm);
  const body = bytes.subarray(offset, end);
  const last = await sendAllButLast(exchange, body, check);
  check.update(last);
  const result = { bytes: check.bytes, checksum: check.digest() };
  if (last.length > 0) await exchange.writeLast(last, result);
  return result;
}

/** Sends a large body up to the last piece between two running checksums, and returns that piece. */
async function sendAllButLast(
  exchange: Exchange,
  body: Uint8Array,
  check: BodyChecksum,
): Promise<Uint8Array> {
  while (body.length - check.bytes > RUNNING_CHECKSUM_BYTES) {
    const checksum = check.takeRunning();
    const piece = body.subarray(check.bytes, check.bytes + RUNNING_CHECKSUM_BYTES);
    check.update(piece);
    await exchange.write(piece, checksum);
  }
  return body.subarray(check.bytes);
}

/** Sends all chunks but the last one, so that the result can follow it in the same write. */
async function sendFile(
  exchange: Exchange,
  service: OperationContext,
  file: StoredFile,
): Promise<{ result: AnswerFields<'result'>; last: Chunk | undefined }> {
  const { entry } = file;
  const { offset, end, algorithm } = rangeOf(exchange.request, service, entry);
  const { prefix, since = 0 } = exchange.request;
  if (prefix !== undefined) {
    await comparePrefix(exchange, algorithm, readVersion(exchange, file, { from: since, to: offset }));
  }
  exchange.accept({ offset, checksum: algorithm, ...entryFields(entry) });
  exchange.expectBody(end - offset);
  const check = new BodyChecksum(algorithm);
  const last = await sendRange(exchange, file, { offset, end, check, service });
  const result = { bytes: check.bytes, checksum: check.digest() };
  const sent = { from: offset, to: end, checksum: result.checksum };
  const etag = await confirmVersion(exchange, file, rangesOf(exchange.request, entry, { algorithm, sent }));
  return { result: { ...result, etag: etag === entry.etag ? undefined : etag }, last };
}

/**
 * What this request says about the version: the sent bytes, and the client's if the request has their checksum. Undefined
 * if the client has further bytes of the version `ifMatch`, which cannot be compared here.
 */
function rangesOf(
  { ifMatch, offset = 0, since = 0, prefix }: FrameOf<'open'>,
  { size }: FileEntry,
  { algorithm, sent }: { algorithm: ChecksumAlgorithm; sent: ReadBefore },
): { algorithm: ChecksumAlgorithm; read: readonly ReadBefore[] } | undefined {
  const read = prefix === undefined ? [sent] : [{ from: since, to: offset, checksum: prefix }, sent];
  const isWhole = read[0]?.from === 0 && sent.to === size;
  return isWhole || ifMatch === undefined ? { algorithm, read } : undefined;
}

/** The requested range and checksum algorithm. Throws ESTALE for another version, ERANGE for an offset after its end. */
function rangeOf(
  { offset = 0, maxBytes = Infinity, ifMatch, checksum }: FrameOf<'open'>,
  service: OperationContext,
  { size, etag }: FileEntry,
): { offset: number; end: number; algorithm: ChecksumAlgorithm } {
  if (ifMatch !== undefined && !isSameVersion(ifMatch, etag)) throw new TransferError('ESTALE');
  if (offset > size) throw new TransferError('ERANGE');
  const algorithm = checksum === undefined ? service.checksum : parseChecksumAlgorithm(checksum);
  return { offset, end: Math.min(size, offset + maxBytes), algorithm };
}

async function sendRange(
  exchange: Exchange,
  file: StoredFile,
  range: { offset: number; end: number; check: BodyChecksum; service: OperationContext },
): Promise<Chunk | undefined> {
  const { end, service } = range;
  let position = range.offset;
  let reading = nextChunk(service, file, { position, end });
  try {
    while (reading) {
      const chunk: Chunk = await reading;
      position += chunk.bytes.length;
      // Read ahead while this chunk is sent.
      reading = nextChunk(service, file, { position, end });
      const checksum = range.check.takeRunning();
      range.check.update(chunk.bytes);
      // The checksum of all bytes follows the last chunk.
      if (!reading) return chunk;
      await exchange.write(chunk.bytes, checksum);
      service.buffers.sent(chunk.buffer);
    }
    return undefined;
  } finally {
    // The file must not be closed under a read.
    await reading?.catch(() => undefined);
  }
}

/** The bytes of one read, and the buffer that they are in. */
interface Chunk {
  readonly bytes: Uint8Array;
  readonly buffer: Buffer;
}

function nextChunk(
  { buffers }: OperationContext,
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
  // The error is reported when the chunk is awaited.
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
