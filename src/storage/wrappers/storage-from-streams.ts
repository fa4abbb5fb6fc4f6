/**
 * A storage of two stream functions, for places whose library speaks in streams, such as an object store.
 *
 *     read:  stat -> createReadStream; a read at another position opens another stream
 *     write: stat -> createWriteStream -> write ... -> stat -> end (commit) or destroy (discard)
 */
import type { Readable, Writable } from 'node:stream';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import { missingParent } from '../missing-parent.js';
import type { PendingFile, Storage, StoredFile, StorageWriteOptions } from '../storage.js';
import { checkWriteOptions } from '../write-options.js';
import { StreamFile } from './stream-file.js';

/** Openings of a file that is replaced each time. */
const MAX_ATTEMPTS = 10;

/**
 * The functions of a storage of streams. Where an optional one is missing, the storage does not have that operation.
 * Functions and streams may fail with any error that has a `code`, such as `ENOENT`.
 */
export interface StreamFunctions extends Omit<
  Storage,
  'read' | 'readFile' | 'write' | 'writeFile' | 'resume' | 'append'
> {
  /**
   * Opens a file: the stream reads from position `start` to the end. All of it must be of the version with this `etag`;
   * where that is not there any more, the stream must fail with `ESTALE`.
   */
  createReadStream(
    path: RemotePath,
    options: { readonly start: number; readonly etag: string | undefined },
  ): Readable | Promise<Readable>;
  /**
   * Opens a new version of a file. The stream must store all of it before it emits `finish`, and nothing if it is destroyed
   * earlier. `overwrite` and `ifMatch` are checked before it is opened and before it is ended; only the stream can check
   * them at the moment at which it stores (`EEXIST`, `ESTALE`), as two uploads may end at the same time.
   */
  createWriteStream?(path: RemotePath, options: StorageWriteOptions): Writable | Promise<Writable>;
}

/**
 * Makes a storage of functions that open streams. Uploads appear whole or not at all; the streams' backpressure slows the
 * client down.
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
    ...(isWriting(functions) && { write: (path, options) => openVersion(functions, path, options) }),
    ...(functions.mkdir && { mkdir: functions.mkdir.bind(functions) }),
    ...(functions.remove && { remove: functions.remove.bind(functions) }),
    ...(functions.rename && { rename: functions.rename.bind(functions) }),
    ...(functions.utimes && { utimes: functions.utimes.bind(functions) }),
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
      // It was replaced between the two calls.
      if (attempt === MAX_ATTEMPTS || error.code !== 'ESTALE') throw error;
    }
  }
}

type WritingFunctions = Pick<Storage, 'stat'> & Required<Pick<StreamFunctions, 'createWriteStream'>>;

function isWriting(functions: StreamFunctions): functions is StreamFunctions & WritingFunctions {
  return functions.createWriteStream !== undefined;
}

async function openVersion(
  functions: WritingFunctions,
  path: RemotePath,
  options: StorageWriteOptions,
): Promise<PendingFile> {
  checkWriteOptions(path, options);
  await requireReplaceable(functions, path, options);
  const stream = (await functions.createWriteStream(path, options)).on('error', ignore);
  const step = async (start: (done: (error?: Error | null) => void) => void): Promise<void> => {
    try {
      if (stream.destroyed || stream.writableEnded)
        throw stream.errored ?? new TransferError('EINVAL', 'This version was ended already.');
      await new Promise<void>((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
    } catch (error) {
      stream.destroy();
      throw TransferError.from(error, { path });
    }
  };
  return {
    // A copy: the stream may keep it after the pieces are not the storage's any more. The callback is its backpressure.
    write: (pieces) => step((done) => stream.write(Buffer.concat(pieces), done)),
    commit: async () => {
      await step(
        (done) => void requireReplaceable(functions, path, options).then(() => stream.end(done), done),
      );
      return functions.stat(path);
    },
    discard: async () => void stream.destroy(),
  };
}

/** Rejects with EISDIR, EEXIST or ESTALE where a file may not be replaced; ENOENT or ENOTDIR without its directory. */
async function requireReplaceable(
  functions: Pick<Storage, 'stat'>,
  path: RemotePath,
  { overwrite, ifMatch }: StorageWriteOptions,
): Promise<void> {
  const entryAt = (at: RemotePath): Promise<FileEntry | undefined> =>
    functions.stat(at).catch((error: unknown) => {
      if (TransferError.from(error).code !== 'ENOENT') throw error;
      return undefined;
    });
  const older = await entryAt(path);
  if (older?.kind === 'directory') throw new TransferError('EISDIR', undefined, { path });
  if (older && !overwrite) throw new TransferError('EEXIST', undefined, { path });
  if (ifMatch !== undefined && older?.etag !== ifMatch)
    throw new TransferError('ESTALE', undefined, { path });
  const { directory } = splitPath(path);
  if (older || directory === REMOTE_ROOT) return;
  const parent = await entryAt(directory);
  if (!parent) throw missingParent(path);
  if (parent.kind !== 'directory') throw new TransferError('ENOTDIR', undefined, { path });
}

function ignore(): void {
  // The call that waits for the stream is told of its error.
}
