// A storage of two stream functions, as for an object store: the objects are files that lie in a Map here.
// Look at `createWriteStream`: an object is stored when the stream finishes, and not at all when it is destroyed.
// @ts-check
import { randomUUID } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import {
  FileClient,
  FileServer,
  REMOTE_ROOT,
  TransferError,
  joinRemotePath,
  storageFromStreams,
} from 'socket-ftp';

/** @type {Map<string, { body: Buffer, mtime: Date, etag: string }>} */
const bucket = new Map();

/** @type {(path: string) => import('socket-ftp').FileEntry} */
const entryOf = (path) => {
  const object = bucket.get(path);
  if (!object) throw new TransferError('ENOENT');
  const { body, mtime, etag } = object;
  return { path: joinRemotePath(REMOTE_ROOT, path), kind: 'file', size: body.length, mtime, etag };
};

const storage = storageFromStreams({
  stat: async (path) =>
    path === REMOTE_ROOT ? { path, kind: 'directory', size: 0, mtime: new Date() } : entryOf(path),
  list: async function* () {
    for (const path of bucket.keys()) yield entryOf(path);
  },
  createReadStream: (path, { start }) => Readable.from([bucket.get(path)?.body.subarray(start)]),
  createWriteStream(path, { mtime = new Date() }) {
    const pieces = /** @type {Buffer[]} */ ([]);
    return new Writable({
      write: (chunk, _encoding, done) => done(void pieces.push(chunk)),
      final: (done) =>
        done(void bucket.set(path, { body: Buffer.concat(pieces), mtime, etag: randomUUID() })),
    });
  },
});

const server = await new FileServer({ storage }).listen(0);
const client = new FileClient({ port: server.port });
await client.writeFile('hello.txt', 'Hello, bucket!');
console.log(`${await client.readFile('hello.txt', 'utf8')} ${bucket.size} object is in the bucket.`);
await Promise.all([client.close(), server.close()]);
