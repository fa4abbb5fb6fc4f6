// A storage made of two stream functions, as for an object store. An object is stored when its stream finishes.
// @ts-check
import { randomUUID } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { FileClient, FileServer, TransferError } from 'socket-ftp';
import { joinRemotePath, REMOTE_ROOT as ROOT, storageFromStreams } from 'socket-ftp';

/** @type {Map<string, { body: Buffer, mtime: Date, etag: string }>} */
const bucket = new Map();
/** @type {(path: string) => import('socket-ftp').FileEntry} */
const entryOf = (path) => {
  const object = bucket.get(path);
  if (!object) throw new TransferError('ENOENT');
  const { body, mtime, etag } = object;
  return { path: joinRemotePath(ROOT, path), kind: 'file', size: body.length, mtime, etag };
};
const storage = storageFromStreams({
  stat: async (path) =>
    path === ROOT ? { path, kind: 'directory', size: 0, mtime: new Date() } : entryOf(path),
  list: async function* () {
    for (const path of bucket.keys()) yield entryOf(path);
  },
  createReadStream(path, { start, etag }) {
    if (entryOf(path).etag !== etag) throw new TransferError('ESTALE');
    return Readable.from([bucket.get(path)?.body.subarray(start)]);
  },
  createWriteStream(path, { mtime = new Date() }) {
    let body = Buffer.alloc(0);
    return new Writable({
      write: (chunk, _encoding, done) => done(void (body = Buffer.concat([body, chunk]))),
      final: (done) => done(void bucket.set(path, { body, mtime, etag: randomUUID() })),
    });
  },
});

const server = await new FileServer({ storage }).listen(0);
const client = new FileClient({ port: server.port });
await client.writeFile('hello.txt', 'Hello, bucket!');
console.log(`${await client.readFile('hello.txt', 'utf8')} ${bucket.size} object is in the bucket.`);
await Promise.all([client.close(), server.close()]);
