/** A client follows a file as `tail -f` does. */
import { appendFile, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath } from '../../../src/index.js';
import { put } from '../../../src/contracts/storage/storage-fixture.js';
import { serve, serveFiles, temporaryDirectory } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';
import { codecs, Cuttable } from './watched.js';

/** The text that a stream has given. */
class Followed {
  text = '';
  error: unknown;
  readonly stream: Readable;

  constructor(stream: Readable) {
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    stream.on('error', (error) => (this.error = error));
  }

  async until(text: string): Promise<void> {
    await until(() => this.text === text || this.error !== undefined);
    expect(this.error).toBeUndefined();
  }

  async failure(): Promise<unknown> {
    await until(() => this.error !== undefined);
    return this.error;
  }
}

describe.each(codecs)('a download that follows a file, in %s,', (codec) => {
  it('gives what is there, and what a program and a client add', async () => {
    const root = await temporaryDirectory();
    const { connect, server } = await serve({ root });
    await writeFile(path.join(root, 'log'), 'one ');
    const client = connect({ codec });
    const stream = client.download('log', { follow: true });
    const followed = new Followed(stream);
    await followed.until('one ');
    expect((await stream.entry).size).toBe(4);
    await appendFile(path.join(root, 'log'), 'two ');
    await followed.until('one two ');
    const append = client.append('log');
    append.end('three ');
    await followed.until('one two three ');
    await appendFile(path.join(root, 'log'), 'four');
    await followed.until('one two three four');
    stream.destroy();
    await until(() => server.stats().activeRequests === 0);
  });

  it('continues after a lost connection with the bytes that were added meanwhile', async () => {
    const root = await temporaryDirectory();
    const { port } = await serve({ root });
    await writeFile(path.join(root, 'log'), 'one ');
    const link = new Cuttable(port, { codec });
    const followed = new Followed(link.client.download('log', { follow: true }));
    await followed.until('one ');
    await link.cut();
    await appendFile(path.join(root, 'log'), 'two ');
    await followed.until('one two ');
    await link.cut();
    await writeFile(path.join(root, 'log'), 'another file');
    expect(await followed.failure()).toMatchObject({ code: 'ESTALE' });
    expect(followed.text).toBe('one two ');
  });

  it('ends with ESTALE when the file is truncated, replaced by another one or removed', async () => {
    const root = await temporaryDirectory();
    const { connect } = await serve({ root });
    const client = connect({ codec });
    const log = path.join(root, 'log');
    const changes = {
      truncated: () => truncate(log, 1),
      replaced: () => client.writeFile('log', 'longer than before'),
      shortened: () => client.writeFile('log', 'o'),
      overwritten: async () => writeFileSync(log, 'ONE TWO'),
      regrown: async () => writeFileSync(log, 'another text, and a longer one'),
      removed: () => rm(log),
      renamed: () => rename(log, path.join(root, 'log.1')),
      directory: async () => {
        await rm(log);
        await mkdir(log);
      },
    };
    for (const change of Object.values(changes)) {
      await rm(log, { recursive: true, force: true });
      await writeFile(log, 'one two');
      const followed = new Followed(client.download('log', { follow: true, offset: 4 }));
      await followed.until('two');
      await change();
      expect(await followed.failure()).toMatchObject({ code: 'ESTALE', operation: 'download' });
      expect(followed.text).toBe('two');
    }
  });
});

describe('a download that follows a file', () => {
  it('follows a file in memory, and begins at any offset up to its end', async () => {
    const { connect } = await serveFiles({ log: 'one ' });
    const client = connect();
    const whole = new Followed(client.download('log', { follow: true }));
    const end = new Followed(client.download('log', { follow: true, offset: 4 }));
    await whole.until('one ');
    client.append('log').end('two');
    await whole.until('one two');
    await end.until('two');
    const beyond = new Followed(client.download('log', { follow: true, offset: 8 }));
    expect(await beyond.failure()).toMatchObject({ code: 'ERANGE' });
  });

  it('follows large additions with every checksum', async () => {
    for (const checksum of ['crc32', 'sha256', 'none'] as const) {
      const root = await temporaryDirectory();
      const { connect } = await serve({ root });
      const piece = 'x'.repeat(700_000);
      await writeFile(path.join(root, 'log'), piece);
      const followed = new Followed(connect({ checksum }).download('log', { follow: true }));
      for (let size = 1; size < 4; size++) {
        await until(() => followed.text.length === size * piece.length);
        await appendFile(path.join(root, 'log'), piece);
      }
      await followed.until(piece.repeat(4));
    }
  });

  it('ends with ESHUTDOWN at once when the client is closed, and with ECANCELED by its signal', async () => {
    const { connect } = await serveFiles({ log: 'one' });
    const client = connect();
    const controller = new AbortController();
    const aborted = new Followed(client.download('log', { follow: true, signal: controller.signal }));
    const closed = new Followed(client.download('log', { follow: true }));
    await aborted.until('one');
    await closed.until('one');
    controller.abort();
    expect(await aborted.failure()).toMatchObject({ code: 'ECANCELED' });
    await client.close({ graceMs: 600_000 });
    expect(await closed.failure()).toMatchObject({ code: 'ESHUTDOWN' });
  });

  it('neither waits for a turn of a blocking server nor takes one', async () => {
    const storage = new MemoryStorage();
    const { connect } = await serve({ storage, strategy: 'blocking' });
    await storage.writeFile(parseRemotePath('log'), [Buffer.from('one')], { overwrite: true });
    const followed = new Followed(connect().download('log', { follow: true }));
    await followed.until('one');
    expect(await connect().stat('log')).toMatchObject({ size: 3 });
  });

  it('excludes length, and readFile does not take it', async () => {
    const { connect } = await serveFiles({ log: 'one' });
    const client = connect();
    expect(() => client.download('log', { follow: true, length: 1 })).toThrow(TypeError);
    await expect(client.readFile('log', { follow: true } as object)).rejects.toThrow(/no option follow/);
  });

  it('takes what a storage reads a few bytes at a time', async () => {
    const memory = new MemoryStorage();
    const path = parseRemotePath('log');
    const text = 'x'.repeat(3_000);
    await put(memory, 'log', text);
    const storage = storageWith({
      stat: (at) => memory.stat(at),
      read: async (at) => {
        const file = await memory.read(at);
        const { entry } = file;
        const read = (target: Uint8Array, position: number) => file.read(target.subarray(0, 100), position);
        return { entry, read, etag: () => file.etag(), close: () => file.close() };
      },
    });
    const { connect } = await serve({ storage });
    const followed = new Followed(connect().download('log', { follow: true }));
    await followed.until(text);
    const append = await memory.append(path, { overwrite: true });
    await append.write([Buffer.from('more')]);
    await append.commit();
    await followed.until(`${text}more`);
  });
});
