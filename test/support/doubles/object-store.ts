/** An object store in memory whose objects are read and written by Node's streams, as one over the network is. */
import { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  MemoryStorage,
  storageFromStreams,
  TransferError,
  type Storage,
  type StreamFunctions,
} from '../../../src/index.js';

/** Bytes of a chunk that a stream reads. */
const CHUNK_BYTES = 16 * 1024;

/** An object store, and the streams that were opened. */
export interface ObjectStore {
  readonly functions: Required<Omit<StreamFunctions, 'close'>>;
  readonly storage: Storage;
  readonly readers: Readable[];
  readonly writers: Writable[];
}

/** Creates an object store. An object is stored when its stream finishes, after a check of its conditions. */
export function objectStore(): ObjectStore {
  const objects = new MemoryStorage();
  const readers: Readable[] = [];
  const writers: Writable[] = [];
  const functions: ObjectStore['functions'] = {
    stat: (path) => objects.stat(path),
    async *list(path, options) {
      await nextTurn();
      yield* objects.list(path, options);
    },
    mkdir: (path, options) => objects.mkdir(path, options),
    remove: (path, options) => objects.remove(path, options),
    rename: (from, to, options) => objects.rename(from, to, options),
    copy: (from, to, options) => objects.copy(from, to, options),
    utimes: (path, mtime) => objects.utimes(path, mtime),
    chmod: (path, mode) => objects.chmod(path, mode),
    async createReadStream(path, { start, etag }) {
      const file = await objects.read(path);
      if (file.entry.etag !== etag) throw new TransferError('ESTALE');
      let position = start;
      const stream = new Readable({
        read() {
          const chunk = Buffer.alloc(CHUNK_BYTES);
          const read = async (): Promise<void> => {
            await nextTurn();
            const bytes = await file.read(chunk, position);
            position += bytes;
            this.push(bytes > 0 ? chunk.subarray(0, bytes) : null);
          };
          void read();
        },
      });
      readers.push(stream);
      return stream;
    },
    createWriteStream(path, options) {
      const pieces: Buffer[] = [];
      const stream = new Writable({
        write(chunk: Buffer, _encoding, done) {
          pieces.push(chunk);
          setImmediate(done);
        },
        final: (done) => void objects.writeFile(path, pieces, options).then(() => done(), done),
      });
      writers.push(stream);
      return stream;
    },
  };
  return { functions, storage: storageFromStreams(functions), readers, writers };
}
