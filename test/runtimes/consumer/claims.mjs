/** What the package must do in every runtime. Each claim gets the entries of the package and an empty folder. */
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { duplexPair } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * @typedef {import('socket-ftp')} Library
 * @typedef {{ server: import('socket-ftp').FileServer, client: import('socket-ftp').FileClient }} Ends
 * @typedef {object} Entries
 * @property {Library} library
 * @property {typeof import('socket-ftp/client').FileClient} FileClient - of the entry without the server
 * @property {typeof import('socket-ftp/protocol').builtinCodecs} builtinCodecs
 * @property {typeof import('socket-ftp/contracts').codecContract} codecContract
 * @property {typeof import('socket-ftp/testing').connectedPair} connectedPair
 * @property {string} folder
 * @typedef {(entries: Entries) => Promise<void>} Claim
 */

const MIB = 1_048_576;

/** More than the windows at the start, so that acknowledgements are needed; and no multiple of a piece. */
const LARGE_BYTES = 3 * MIB + 1;

/** More than the bytes from which a body goes over UDP. */
const UDP_BYTES = 4 * MIB;

/** @type {Record<string, Claim>} */
export const claims = {
  'transfers files with text': transfersFiles('text'),
  'transfers files with json': transfersFiles('json'),
  'transfers files with xml': transfersFiles('xml'),
  'transfers files with binary': transfersFiles('binary'),

  async 'synchronises a tree in both directions'({ library, folder }) {
    const [root, local, copy] = await folders(folder, 'root', 'local', 'copy');
    await mkdir(path.join(local, 'a/b'), { recursive: true });
    for (const name of ['one', 'a/two', 'a/b/three']) await writeFile(path.join(local, name), `file ${name}`);
    await served(library, { server: { root } }, async ({ client }) => {
      const sent = await client.sync({ local }, { remote: '/' }, { mode: 'mirror' });
      assert.deepEqual([sent.files, sent.isComplete], [3, true]);
      const again = await client.sync({ local }, { remote: '/' }, { mode: 'mirror' });
      assert.deepEqual([again.files, again.isComplete], [0, true]);
      await client.downloadDirectory('/', copy);
    });
    for (const place of [root, copy])
      assert.equal(await readFile(path.join(place, 'a/b/three'), 'utf8'), 'file a/b/three');
  },

  async 'has the same client in the entry without the server'({ library, FileClient }) {
    assert.equal(FileClient, library.FileClient);
  },

  async 'calls a method'({ library }) {
    await served(
      library,
      { server: { storage: new library.MemoryStorage() } },
      async ({ server, client }) => {
        server.method('add', (/** @type {{ a: number, b: number }} */ { a, b }) => ({ sum: a + b }));
        assert.deepEqual(await client.call('add', { a: 2, b: 3 }), { sum: 5 });
      },
    );
  },

  async 'pipes streams and reports codes of errors'({ library }) {
    await served(library, { server: { storage: new library.MemoryStorage() } }, async ({ client }) => {
      const bytes = bytesOf(LARGE_BYTES);
      await pipeline([bytes], client.upload('a.bin'));
      const chunks = await client.download('a.bin', { offset: 5 }).toArray();
      assert.ok(Buffer.concat(chunks).equals(bytes.subarray(5)));
      await assert.rejects(
        client.stat('missing'),
        (error) => error instanceof library.TransferError && error.code === 'ENOENT',
      );
    });
  },

  async 'connects again after a cut'({ connectedPair }) {
    const pair = await connectedPair({ files: { 'a.txt': 'still there' } });
    assert.equal(await pair.client.readFile('a.txt', 'utf8'), 'still there');
    pair.cut();
    assert.equal(await pair.client.readFile('a.txt', 'utf8'), 'still there');
    await pair.close();
  },

  async 'transfers over TLS'({ library, folder }) {
    const [key, cert] = await Promise.all(['key.pem', 'certificate.pem'].map((name) => readFile(name)));
    const [root] = await folders(folder, 'root');
    await served(
      library,
      { server: { root, tls: { key, cert } }, client: { tls: { ca: cert } } },
      async ({ client }) => {
        await client.writeFile('a.bin', bytesOf(LARGE_BYTES));
        assert.ok((await client.readFile('a.bin')).equals(bytesOf(LARGE_BYTES)));
      },
    );
  },

  async 'transfers over a Unix socket'({ library, folder }) {
    const at = path.join(folder, 's');
    await served(library, { server: { storage: new library.MemoryStorage() }, at }, async ({ client }) => {
      await client.writeFile('a.txt', 'by a socket');
      assert.equal(await client.readFile('a.txt', 'utf8'), 'by a socket');
    });
  },

  async 'transfers over a pair of streams'({ library }) {
    const server = new library.FileServer({ storage: new library.MemoryStorage() });
    const client = new library.FileClient({});
    const [left, right] = duplexPair();
    const ended = Promise.all([
      pipeline(left, server.endpoint(), left),
      pipeline(right, client.endpoint(), right),
    ]);
    await client.writeFile('a.txt', 'in memory');
    assert.equal(await client.readFile('a.txt', 'utf8'), 'in memory');
    await client.close();
    await ended;
    await server.close();
  },

  async 'transfers over UDP'({ library }) {
    const server = { storage: new library.MemoryStorage(), udp: true };
    await served(library, { server, client: { transport: 'udp' } }, async ({ client }) => {
      /** @type {string[]} */
      const reasons = [];
      client.on('fallback', ({ reason }) => reasons.push(reason));
      await client.writeFile('a.bin', bytesOf(UDP_BYTES));
      assert.ok((await client.readFile('a.bin')).equals(bytesOf(UDP_BYTES)));
      assert.deepEqual(reasons, []);
      assert.ok(client.stats().udpBytesReceived >= UDP_BYTES, 'The bytes went over TCP.');
    });
  },

  async 'watches a directory'({ library, folder }) {
    const [root] = await folders(folder, 'root');
    await served(library, { server: { root } }, async ({ client }) => {
      const watch = client.watch('', { snapshot: true });
      for await (const event of watch) {
        if (event.kind === 'ready') await writeFile(path.join(root, 'new.txt'), 'new');
        if (event.kind === 'created') {
          assert.equal(event.entry.path, 'new.txt');
          break;
        }
      }
    });
  },

  async 'passes the contract of codecs'({ builtinCodecs, codecContract }) {
    for (const { run } of codecContract(builtinCodecs.binary)) await run();
  },
};

/** @param {'text' | 'json' | 'xml' | 'binary'} codec @returns {Claim} */
function transfersFiles(codec) {
  return async ({ library, folder }) => {
    const [root, local] = await folders(folder, 'root', 'local');
    const bytes = bytesOf(LARGE_BYTES);
    await writeFile(path.join(local, 'there'), bytes);
    await served(library, { server: { root, codec }, client: { codec } }, async ({ client }) => {
      await client.uploadFile(path.join(local, 'there'), 'größe.bin');
      await client.downloadFile('größe.bin', path.join(local, 'back'));
      assert.deepEqual(await namesOf(client.list()), ['größe.bin']);
    });
    assert.ok(bytes.equals(await readFile(path.join(root, 'größe.bin'))));
    assert.ok(bytes.equals(await readFile(path.join(local, 'back'))));
    assert.deepEqual((await readdir(local)).sort(), ['back', 'there']);
  };
}

/**
 * A server and a client for `use`, at a free port or a Unix socket. Both are closed, also after a failure.
 *
 * @param {Library} library
 * @param {{ server: import('socket-ftp').FileServerOptions, client?: import('socket-ftp').FileClientOptions, at?: number | string }} options
 * @param {(ends: Ends) => Promise<void>} use
 */
async function served(library, options, use) {
  const { server: serverOptions, client: clientOptions, at = 0 } = options;
  const server = await new library.FileServer(serverOptions).listen(at);
  const place = typeof at === 'string' ? { socketPath: at } : { port: server.port };
  const client = new library.FileClient({ ...place, ...clientOptions });
  try {
    await use({ server, client });
    await client.close();
    await server.close();
  } finally {
    client.destroy();
    server.destroy();
  }
}

/** @param {string} folder @param {string[]} names */
async function folders(folder, ...names) {
  const paths = names.map((name) => path.join(folder, name));
  await Promise.all(paths.map((name) => mkdir(name)));
  return paths;
}

/** @param {AsyncIterable<{ path: string }>} entries */
async function namesOf(entries) {
  /** @type {string[]} */
  const names = [];
  for await (const { path: name } of entries) names.push(name);
  return names;
}

/** Bytes without repetition that would hide a misplaced piece. @param {number} length */
function bytesOf(length) {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 24));
}
