/**
 * Makes a storage of functions that open streams, for services whose client library provides streams, such as S3.
 *
 *     read:  stat -> createReadStream; a read at another position opens another stream
 *     write: stat -> createWriteStream -> write ... -> stat -> end (commit) or destroy (discard)
 */
import type { Readable, Writable } from 'node:stream';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import { missingParentError } from '../path-error.js';
import type { PendingFile, Storage, StoredFile, StorageWriteOptions } from '../storage.js';
import { checkReplaceable, checkWriteOptions } from '../write-options.js';
import { StreamFile } from './stream-file.js';

/** Attempts to open a file that is replaced each time. */
const MAX_ATTEMPTS = 10;

/**
 * The functions that {@link storageFromStreams} needs. Without an optional function, the storage lacks that operation.
 * Functions and streams may fail with any error that has a `code`, such as `ENOENT`.
 */
export interface StreamFunctions extends Omit<
  Storage,
  'read' | 'readFile' | 'write' | 'writeFile' | 'resume' | 'uploadStatus' | 'append'
> {
  /**
   * Opens a file. The stream reads from position `start` to the end. All bytes must belong to the version with this
   * `etag`; if that version no longer exists, the stream must fail with `ESTALE`.
   */
  createReadStream(
    path: RemotePath,
    options: { readonly start: number; readonly etag: string | undefined },
  ): Readable | Promise<Readable>;
  /**
   * Opens a new version of a file. The stream must store the whole file before it emits `finish`, and nothing if it is
   * destroyed earlier. The storage checks `overwrite` and `ifMatch` before it opens and before it ends the stream. Two
   * uploads may end at the same time, so the stream should check both again when it stores (`EEXIST`, `ESTALE`).
   */
  createWriteStream?(path: RemotePath, options: StorageWriteOptions): Writable | Promise<Writable>;
}

/**
 * Makes a storage of functions that open streams. Uploads appear completely or not at all. The backpressure of the streams
 * slows the client down.
 *
 * @example
 * ```ts
 * const storage = storageFromStreams({
 *   stat: (path) => headObject(path),
 *   list: (path, options) => listObjects(path, options),
 *   createReadStream: (path, { start, etag }) => getObject(path, { range: `bytes=${start}-`, ifMatch: etag }),
 *   createWriteStream: (path, { overwrite, ifMatch }) => new PutObjectStream(path, { overwrite, ifMatch }),
 * });
 * await new FileServer({ storage }).listen(2121);
 * ```
 */
export function storageFromStreams(functions: StreamFunctions): Storage {
  return {
    stat: (path) => functions.stat(path),
    list: (path, options) => functions.list(path, options),
    read: (path) => openFile(functions, path),
    ...(isWriting(functions) && { write: (path, options) => openPendingFile(functions, path, options) }),
    ...(functions.mkdir && { mkdir: functions.mkdir.bind(functions) }),
    ...(functions.remove && { remove: functions.remove.bind(functions) }),
    ...(functions.rename && { rename: functions.rename.bind(functions) }),
    ...(functions.utimes && { utimes: functions.utimes.bind(functions) }),
    ...(functions.chmod && { chmod: functions.chmod.bind(functions) }),
    ...(functions.copy && { copy: functions.copy.bind(functions) }),
    ...(functions.close && { close: functions.close.bind(functions) }),
  };
}

async function openFile(functions: StreamFunctions, path: RemotePath): Promise<StoredFile> {
  for (let attempt = 1; ; attempt++) {
    const entry = await functions.stat(path);
    if (entry.kind === 'directory') throw new TransferError('EISDIR', undefined, { path });
    try {
      return await StreamFile.open(entry, async (start) =>
        (await functions.createReadStream(path, { start, etag: entry.etag })).on('error', ignore),
      );
    } catch (thrown) {
      const error = TransferError.from(thrown, { path });
      // The file was replaced between `stat` and `createReadStream`.
      if (attempt === MAX_ATTEMPTS || error.code !== 'ESTALE') throw error;
    }
  }
}

type Done = (error?: Error | null) => void;

type WritingFunctions = Pick<Storage, 'stat'> & Required<Pick<StreamFunctions, 'createWriteStream'>>;

function isWriting(functions: StreamFunctions): functions is StreamFunctions & WritingFunctions {
  return functions.createWriteStream !== undefined;
}

async function openPendingFile(
  functions: WritingFunctions,
  path: RemotePath,
  options: StorageWriteOptions,
): Promise<PendingFile> {
  checkWriteOptions(path, options);
  await assertReplaceable(functions, path, options);
  const stream = (await functions.createWriteStream(path, options)).on('error', ignore);
  const step = async (start: (done: Done) => void): Promise<void> => {
    try {
      if (stream.destroyed || stream.writableEnded)
        throw (
          stream.errored ??
          new TransferError('EINVAL', 'This pending file is already committed or discarded.')
        );
      await settled(stream, start);
    } catch (error) {
      stream.destroy();
      throw TransferError.from(error, { path });
    }
  };
  return {
    // A copy, because the stream may keep it longer than the call. The callback is the stream's backpressure.
    write: (pieces) => step((done) => stream.write(Buffer.concat(pieces), done)),
    commit: async () => {
      await step(
        (done) => void assertReplaceable(functions, path, options).then(() => stream.end(done), done),
      );
      return functions.stat(path);
    },
    discard: async () => void stream.destroy(),
  };
}

/** Resolves when `done` is called. Rejects with its error, or if the stream closes first. */
function settled(stream: Writable, start: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // A stream that is destroyed during a write may never call back.
    const onClose = (): void =>
      reject(stream.errored ?? new TransferError('EIO', 'The stream was closed during a write.'));
    stream.once('close', onClose);
    start((error) => {
      stream.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** EISDIR, EEXIST or ESTALE if the options do not allow replacing the file; ENOENT or ENOTDIR without a parent directory. */
async function assertReplaceable(
  functions: Pick<Storage, 'stat'>,
  path: RemotePath,
  options: StorageWriteOptions,
): Promise<void> {
  const entryAt = (at: RemotePath): Promise<FileEntry | undefined> =>
    functions.stat(at).catch((error: unknown) => {
      if (TransferError.from(error).code !== 'ENOENT') throw error;
      return undefined;
    });
  const existing = await entryAt(path);
  checkReplaceable(path, existing, options);
  const { directory } = splitPath(path);
  if (existing || directory === REMOTE_ROOT) return;
  const parent = await entryAt(directory);
  if (!parent) throw missingParentError(path);
  if (parent.kind !== 'directory') throw new TransferError('ENOTDIR', undefined, { path });
}

function ignore(): void {
  // The call that waits for the stream reports its error.
}
