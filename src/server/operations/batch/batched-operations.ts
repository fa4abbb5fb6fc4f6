/** The operations that a batch may contain, for files that fit into memory. */
import { TransferError } from '../../../errors.js';
import { isPromise, type MaybePromise } from '../../../maybe-promise.js';
import { createChecksum, type ChecksumAlgorithm } from '../../../protocol/checksum.js';
import { entryFields, type FileEntry } from '../../../protocol/entry.js';
import type { FrameOf } from '../../../protocol/frames.js';
import { MAX_BATCHED_FILE_BYTES } from '../../../protocol/limits.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { isSameVersion, isWeakEtag } from '../../../protocol/weak-etag.js';
import type { AnswerFields } from '../../../session/channel/server-channel.js';
import type { PendingFile, StorageWriteOptions, StoredFile, WholeFile } from '../../../storage/storage.js';
import { checkNewNames } from '../../access/check-new-names.js';
import type { RequiredPermission } from '../../access/access-control.js';
import type { Exchange } from '../../request/exchange.js';
import { confirmVersion, readSome } from '../../request/readable-file.js';
import { modeOf, requiredPath, writable, writeOptions, type OperationContext } from '../operation.js';
import { weakEtagError } from '../start-upload.js';
import { withParents } from '../with-parents.js';
import type { BatchedRequest } from './batch-requests.js';

/** What a batched operation works with. */
export interface BatchContext {
  readonly exchange: Exchange;
  /** With the storage of the request. */
  readonly service: OperationContext;
  /** Of the checksums of files. */
  readonly algorithm: ChecksumAlgorithm;
}

/** The answer to a request of a batch. */
export interface BatchedAnswer {
  readonly fields: AnswerFields<'result'>;
  /** The bytes of a download. */
  readonly bytes?: Uint8Array | undefined;
}

/** An operation of a batch. */
export interface BatchedOperation {
  needs(request: FrameOf<'open'>): readonly RequiredPermission[];
  /** Throws the error of a request that is wrong. Called before `run`. */
  check(batched: BatchedRequest, context: BatchContext): Promise<void> | undefined;
  /** Calls the hook `beforeCommit`, between `check` and `run`. */
  beforeCommit?(batched: BatchedRequest, context: BatchContext): Promise<void> | undefined;
  run(batched: BatchedRequest, context: BatchContext): MaybePromise<BatchedAnswer>;
}

const download: BatchedOperation = {
  needs: (request) => [{ permission: 'read', path: requiredPath(request) }],
  check({ request }) {
    refuseParts(request);
    return undefined;
  },
  run({ request }, context) {
    const path = requiredPath(request);
    const whole = context.service.storage.readFile?.(path);
    if (whole && !isPromise(whole)) return downloaded(whole, request, context);
    return read(path, whole, context).then((file) => downloaded(file, request, context));
  },
};

const upload: BatchedOperation = {
  needs: (request) => [
    { permission: 'write', path: requiredPath(request), missingParents: request.recursive },
  ],
  check({ request, bytes }, context) {
    const { checksum, ifMatch } = request;
    refuseParts(request);
    if (checksum !== undefined && checksum !== checksumOf(bytes, context))
      throw new TransferError('EBADMSG', 'The checksum of the file differs from that of its request.');
    if (isWeakEtag(ifMatch)) throw weakEtagError();
    modeOf(request);
    return checkNewNames(context.service, requiredPath(request));
  },
  beforeCommit({ request, bytes }, { exchange, service, algorithm }) {
    const options = writeOptions(exchange, request);
    const verified = { path: requiredPath(request), options, bytes, algorithm };
    return service.batchedHooks.beforeCommit(exchange, request, verified);
  },
  run({ request, bytes }, { exchange, service }) {
    const path = requiredPath(request);
    const options = writeOptions(exchange, request);
    const plan = { path, makesDirectories: request.recursive ?? false, options };
    const stored = withParents(service, plan, () => store(path, bytes, { service, options }));
    return isPromise(stored) ? stored.then(uploaded) : uploaded(stored);
  },
};

/** The operations by name. */
export const batchedOperations: ReadonlyMap<string, BatchedOperation> = new Map(
  Object.entries({ download, upload }),
);

/** A batch has whole files only: an `append` that was ignored would replace the file. */
function refuseParts({ append = false, offset = 0 }: FrameOf<'open'>): void {
  if (append || offset > 0) throw new TransferError('EINVAL', 'A batch transfers whole files only.');
}

function downloaded(
  { entry, bytes }: WholeFile,
  { ifMatch, maxBytes = Infinity }: FrameOf<'open'>,
  context: BatchContext,
): BatchedAnswer {
  if (bytes.length !== entry.size)
    throw new TransferError('EIO', `The storage read ${bytes.length} of ${entry.size} bytes of the file.`);
  if (ifMatch !== undefined && !isSameVersion(ifMatch, entry.etag)) throw new TransferError('ESTALE');
  if (bytes.length > Math.min(maxBytes, MAX_BATCHED_FILE_BYTES)) throw tooLarge(bytes.length);
  return { bytes, fields: { ...versionOf(entry), checksum: checksumOf(bytes, context) } };
}

function uploaded(entry: FileEntry): BatchedAnswer {
  return { fields: versionOf(entry) };
}

async function read(
  path: RemotePath,
  whole: Promise<WholeFile | undefined> | undefined,
  context: BatchContext,
): Promise<WholeFile> {
  return (await whole) ?? readOpened(path, context);
}

async function readOpened(path: RemotePath, { exchange, service }: BatchContext): Promise<WholeFile> {
  const file = await service.storage.read(path);
  try {
    return await readAll(exchange, file);
  } finally {
    await file.close();
  }
}

async function readAll(exchange: Exchange, file: StoredFile): Promise<WholeFile> {
  const { entry } = file;
  if (entry.size > MAX_BATCHED_FILE_BYTES) throw tooLarge(entry.size);
  const bytes = Buffer.allocUnsafe(entry.size);
  for (let position = 0; position < bytes.length;)
    position += (await readSome(file, bytes.subarray(position), position)).length;
  const sum = createChecksum('crc32');
  sum.update(bytes);
  const read = [{ from: 0, to: bytes.length, checksum: sum.digest() }];
  const etag = await confirmVersion(exchange, file, { algorithm: 'crc32', read });
  return { entry: { ...entry, ...(etag === undefined ? {} : { etag }) }, bytes };
}

function tooLarge(bytes: number): TransferError {
  return new TransferError('EFBIG', `A file of ${bytes} bytes is too large for a batch.`);
}

function store(
  path: RemotePath,
  bytes: Buffer,
  { service, options }: { service: OperationContext; options: StorageWriteOptions },
): MaybePromise<FileEntry> {
  const storage = writable(service, 'write');
  return storage.writeFile?.(path, [bytes], options) ?? storePending(bytes, storage.write(path, options));
}

async function storePending(bytes: Buffer, opening: Promise<PendingFile>): Promise<FileEntry> {
  const pending = await opening;
  try {
    if (bytes.length > 0) await pending.write([bytes]);
    return await pending.commit();
  } catch (error) {
    await pending.discard();
    throw error;
  }
}

/** The fields of a version, without its path, which the client knows by the id. */
function versionOf(entry: FileEntry): AnswerFields<'result'> {
  const { path: _path, ...fields } = entryFields(entry);
  return fields;
}

function checksumOf(bytes: Uint8Array, { algorithm }: BatchContext): string | undefined {
  const sum = createChecksum(algorithm);
  sum.update(bytes);
  return sum.digest();
}
