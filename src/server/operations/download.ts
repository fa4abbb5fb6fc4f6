/**
 * The operation `download`: the bytes of one version of a file, from an offset on.
 *
 *     readFile (small) -> whole file -> compare prefix -> accept -> body and result
 *     read             -> compare prefix -> accept -> chunk ... -> same version? -> last chunk and result
 */
import { TransferError } from '../../errors.js';
import { isPromise } from '../../maybe-promise.js';
import { BodyChecksum } from '../../protocol/body-checksum.js';
import { parseChecksumAlgorithm, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import { isSameVersion } from '../../protocol/weak-etag.js';
import { entryFields, type EntryFields, type FileEntry } from '../../protocol/entry.js';
import type { FrameOf } from '../../protocol/frames.js';
import { RUNNING_CHECKSUM_BYTES } from '../../protocol/limits.js';
import type { RemotePath } from '../../protocol/remote-path.js';
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
  run(exchange, service) {
    if (exchange.request.follow) return follow(exchange, service);
    const path = requiredPath(exchange.request);
    const whole = service.storage.readFile?.(path);
    return whole && !isPromise(whole)
      ? sendWhole(exchange, service, whole)
      : sendFound(exchange, service, { path, whole });
  },
};

async function sendFound(
  exchange: Exchange,
  service: OperationContext,
  { path, whole }: { path: RemotePath; whole: Promise<WholeFile | undefined> | undefined },
): Promise<AnswerFields<'result'>> {
  const found = await whole;
  if (found) return sendWhole(exchange, service, found);
  const file = await service.storage.read(path);
  const { result, last } = await sendFile(exchange, service, file).finally(() => file.close());
  if (last) {
    await exchange.writeLast(last.bytes, result);
    service.buffers.sent(last.buffer);
  }
  return result;
}

/** Without promises for steps that need not wait: of most small files, only the last piece waits, for its turn to be sent. */
function sendWhole(
  exchange: Exchange,
  service: OperationContext,
  { entry, bytes }: WholeFile,
): Promise<AnswerFields<'result'>> {
  if (bytes.length !== entry.size)
    throw new TransferError('EIO', `The storage read ${bytes.length} of ${entry.size} bytes of the file.`);
  const { offset, end, algorithm } = rangeOf(exchange.request, service, entry);
  const { prefix, since = 0 } = exchange.request;
  const send = (): Promise<AnswerFields<'result'>> => {
    exchange.accept(acceptance(entry, offset, algorithm));
    exchange.expectBody(end - offset);
    return sendBytes(exchange, bytes.subarray(offset, end), new BodyChecksum(algorithm));
  };
  return prefix === undefined
    ? send()
    : comparePrefix(exchange, algorithm, [bytes.subarray(since, offset)]).then(send);
}

function sendBytes(
  exchange: Exchange,
  body: Uint8Array,
  check: BodyChecksum,
): Promise<AnswerFields<'result'>> {
  if (body.length > RUNNING_CHECKSUM_BYTES)
    return sendAllButLast(exchange, body, check).then((last) => sendLast(exchange, last, check));
  return sendLast(exchange, body, check);
}

function sendLast(
  exchange: Exchange,
  last: Uint8Array,
  check: BodyChecksum,
): Promise<AnswerFields<'result'>> {
  check.update(last);
  const result = { bytes: check.bytes, checksum: check.digest() };
  return last.length > 0 ? exchange.writeLast(last, result).then(() => result) : Promise.resolve(result);
}

/** In the order of the table of frames, in which a frame is encoded fastest. */
function acceptance(entry: FileEntry, offset: number, checksum: ChecksumAlgorithm): AnswerFields<'accept'> {
  const { path, kind, size, mtime, etag, mode }: EntryFields = entryFields(entry);
  return { path, kind, offset, size, mtime, etag, checksum, mode };
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
  exchange.accept(acceptance(entry, offset, algorithm));
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
