/**
 * The process shares the memory of buffers among connections. Here each buffer is overwritten when it is released: if a byte were
 * read or sent from it afterwards, or from a part that nothing was written to, a file would have other bytes.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { bufferPool } from '../../../src/buffers/buffer-pool.js';
import type { FileClient, FileClientOptions, FileServerOptions } from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { poisonReleased } from '../../support/released-memory.js';
import { certificate, trusting } from '../../support/servers/secured.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

/** One of several clients at once, with the only copy of its bytes. */
interface User {
  readonly client: FileClient;
  /** A local directory of its own. */
  readonly local: string;
  /** A directory of the server. */
  readonly remote: string;
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
}

const SIZES = [900, 5_000, 40_000, 300_000, 3_000_000];

type Way = (user: User, name: string, bytes: Buffer) => Promise<unknown>;

const waysUp: Record<string, Way> = {
  writeFile: ({ client, remote }, name, bytes) => client.writeFile(`${remote}/${name}`, bytes),
  upload: ({ client, remote }, name, bytes) => pipeline(halves(bytes), client.upload(`${remote}/${name}`)),
  uploadFile: ({ client, remote, local }, name) =>
    client.uploadFile(path.join(local, name), `${remote}/${name}`),
};

const waysDown: Record<string, (user: User, name: string) => Promise<Buffer>> = {
  readFile: ({ client, remote }, name) => client.readFile(`${remote}/${name}`),
  iteration: ({ client, remote }, name) => collected(client.download(`${remote}/${name}`)),
  'a slow reader': async ({ client, remote }, name) => {
    const chunks: Buffer[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => void (chunks.push(chunk), setImmediate(done)),
    });
    await pipeline(client.download(`${remote}/${name}`), slow);
    return Buffer.concat(chunks);
  },
  downloadFile: async ({ client, remote, local }, name) => {
    await client.downloadFile(`${remote}/${name}`, path.join(local, `${name}.back`));
    return fs.readFile(path.join(local, `${name}.back`));
  },
};

const transports: [string, FileServerOptions, FileClientOptions][] = [
  ['over TCP', {}, {}],
  ['over TCP, with file calls in threads', {}, { fileCalls: 'threads' }],
  ['over TLS', { tls: certificate }, { tls: trusting }],
  ['over UDP', { udp: true }, { transport: 'udp' }],
];

// Loaded by the first path otherwise, which then may take more than the 2 s that a client waits on a busy machine.
beforeAll(async () => {
  await import('../../../src/client/udp/client-path.js');
  await import('../../../src/udp-path/server-path.js');
});

describe.each(transports)('%s', (_name, serverOptions, clientOptions) => {
  it('each byte is that of its own file, although released memory is overwritten', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root, ...serverOptions });
    const users = await Promise.all(
      [1, 2, 3].map((seed) => userOf(connect(clientOptions), { root, seed: seed * 100 })),
    );
    const released = poisonReleased();
    for (const [way, send] of Object.entries(waysUp)) {
      await forEachFile(users, (user, name, bytes) => send(user, name, bytes));
      await forEachFile(users, async ({ remote }, name, bytes) =>
        expectSame(bytes, await fs.readFile(path.join(root, remote, name)), `${way} of ${name}`),
      );
    }
    for (const [way, receive] of Object.entries(waysDown))
      await forEachFile(users, async (user, name, bytes) =>
        expectSame(bytes, await receive(user, name), `${way} of ${name}`),
      );
    expect(released.get(bufferPool)).toBeGreaterThan(0);
    // And those of the files that each client reads.
    expect(released.size).toBeGreaterThan(users.length);
  });
});

it('directories and calls have their own bytes, although released memory is overwritten', async () => {
  const root = await temporaryDirectory();
  const { connect, server } = await serve({ root });
  server.method('echo', (input) => input);
  const users = await Promise.all([1, 2, 3].map((seed) => userOf(connect(), { root, seed: seed * 100 })));
  poisonReleased();
  await Promise.all(
    users.map(async ({ client, local, remote, files }, index) => {
      await client.uploadDirectory(local, remote);
      await client.downloadDirectory(remote, `${local}.back`);
      for (const { name, bytes } of files)
        expectSame(bytes, await fs.readFile(path.join(`${local}.back`, name)), name);
      const text = String(index).repeat(200_000);
      expect((await client.call('echo', text)) === text).toBe(true);
    }),
  );
});

async function userOf(client: FileClient, { root, seed }: { root: string; seed: number }): Promise<User> {
  const local = path.join(await temporaryDirectory(), 'files');
  const remote = `user-${seed}`;
  await fs.mkdir(local);
  await fs.mkdir(path.join(root, remote));
  const files = SIZES.map((size, index) => ({ name: `${size}.bin`, bytes: bytesOf(size, seed + index) }));
  for (const { name, bytes } of files) await fs.writeFile(path.join(local, name), bytes);
  return { client, local, remote, files };
}

async function forEachFile(users: readonly User[], work: Way): Promise<void> {
  const works = users.flatMap((user) =>
    user.files.map(async ({ name, bytes }) => {
      const given = Buffer.from(bytes);
      await work(user, name, given);
      // The memory of the program is in no pool.
      expectSame(bytes, given, name);
    }),
  );
  await Promise.all(works);
}

function expectSame(bytes: Buffer, found: Buffer, what: string): void {
  expect(found.equals(bytes), what).toBe(true);
}

function halves(bytes: Buffer): Buffer[] {
  const middle = Math.floor(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}

async function collected(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
