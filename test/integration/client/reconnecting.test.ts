/** The effect of a cut connection: none that the caller sees, or a clear error in time. */
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, TransferError } from '../../../src/index.js';
import { connectedPair, type FaultyWireOptions, type WireOption } from '../../../src/testing/index.js';
import { bytesOf } from '../../support/bytes.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt, quick, scripted } from '../../support/servers/scripted.js';
import { serve, serveFiles } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { storageWith, WELCOME } from '../../support/servers/unfriendly.js';

/** Cuts each of the first connections. */
function firstCut(times: number, faults: FaultyWireOptions): WireOption {
  return (connection) => (connection <= times ? faults : undefined);
}

describe('a download', () => {
  it('continues after every cut, and reports the checksum of all its bytes', async () => {
    const bytes = bytesOf(8_000_000);
    const wire = firstCut(4, { cutAfterBytes: 700_000, direction: 'toClient' });
    await using pair = await connectedPair({ files: { big: bytes }, wire, client: { reconnect: quick } });
    const { client, server } = pair;
    const download = client.download('big');
    const pieces: Buffer[] = [];
    for await (const piece of download) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(server.stats().totalConnections).toBe(5);
    const checksum = `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
    const { etag } = await download.entry;
    expect(etag).toBeTypeOf('string');
    expect(await download.completed).toEqual({ bytes: bytes.length, checksum, etag });
  });

  it('of a range continues to the end of the range and no further', async () => {
    const bytes = bytesOf(7_000_000);
    const wire = firstCut(3, { cutAfterBytes: 300_000, direction: 'toClient' });
    await using pair = await connectedPair({ files: { big: bytes }, wire, client: { reconnect: quick } });
    const part = await pair.client.readFile('big', { offset: 1_000, length: 6_000_000 });
    expect(part.equals(bytes.subarray(1_000, 6_001_000))).toBe(true);
    expect(pair.server.stats().totalConnections).toBe(4);
  });

  it('of a file that changed fails with ESTALE, and delivers no byte of the other version', async () => {
    const { port, connect } = await serveFiles({ big: Buffer.alloc(6_000_000, 'a') });
    const cuts = new Cuts(port);
    const client = clientAt(port, { port: undefined, connect: cuts.connect });
    const other = connect();
    const download = client.download('big');
    let handedOut = 0;
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        handedOut += chunk.filter((byte) => byte !== 97).length;
        if (cuts.sockets.length > 1) return done();
        other.writeFile('big', Buffer.alloc(6_000_000, 'b')).then(() => {
          cuts.now();
          done();
        }, done);
      },
    });
    await expect(pipeline(download, sink)).rejects.toMatchObject({ code: 'ESTALE', path: 'big' });
    expect(handedOut).toBe(0);
  });

  it('whose first part was damaged fails with EBADMSG after the next cut, or at its end', async () => {
    const bytes = bytesOf(4_000_000);
    let reads = 0;
    const memory = new MemoryStorage();
    const storage = storageWith({
      write: (path, options) => memory.write(path, options),
      stat: (path) => memory.stat(path),
      read: async (path) => {
        const file = await memory.read(path);
        const first = ++reads === 1;
        return {
          ...file,
          read: async (target, position) => {
            const count = await file.read(target, position);
            // As if the bytes had been damaged after the read: a second read returns the stored bytes.
            if (first && position === 0) target[5] = target[5]! ^ 1;
            return count;
          },
        };
      },
    });
    const { port, connect } = await serve({ storage });
    await connect().writeFile('big', bytes);
    const cuts = new Cuts(port);
    const client = clientAt(port, { port: undefined, connect: cuts.each(1_000_000, 'bytesRead', 1) });
    await expect(client.readFile('big')).rejects.toMatchObject({ code: 'EBADMSG' });
    expect(cuts.sockets).toHaveLength(2);
  });
});

describe('an upload', () => {
  it('from a stream that cannot be read again continues after every cut', async () => {
    const bytes = bytesOf(5_000_000);
    const wire = firstCut(4, { cutAfterBytes: 900_000, direction: 'toServer' });
    await using pair = await connectedPair({ wire, client: { reconnect: quick } });
    const { client, server } = pair;
    async function* source(): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
    }
    const stored = await client.writeFile('big', source());
    expect(stored.checksum).toBe(`crc32:${crc32(bytes).toString(16).padStart(8, '0')}`);
    expect((await client.readFile('big')).equals(bytes)).toBe(true);
    expect(server.stats().totalConnections).toBe(5);
    await until(() => server.stats().activeRequests === 0);
  });
});

describe('requests without a body', () => {
  it('that only read are repeated until they are answered', async () => {
    const { port, connections } = await scripted('open ', (connection, socket) => {
      if (connection < 3) socket.destroy();
      else socket.write(`${WELCOME}result id=1 path=a kind=file size=3 mtime=1\n`);
    });
    const client = clientAt(port, { reconnect: { ...quick, waitOnFirstConnect: true } });
    expect(await client.stat('a')).toMatchObject({ size: 3 });
    expect(connections()).toBe(3);
  });

  it('that are not idempotent are not repeated to a server without sessions, and set outcomeUnknown', async () => {
    const { port, connections } = await scripted('open ', (_, socket) => socket.destroySoon(), WELCOME);
    const client = clientAt(port);
    const calls = [client.remove('a'), client.rename('a', 'b'), client.copy('a', 'b'), client.mkdir('a')];
    await Promise.allSettled(calls);
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ code: 'ECONNRESET', outcomeUnknown: true, retryable: true });
    }
    expect(connections()).toBeLessThanOrEqual(2);
  });

  it('that are not idempotent wait for the next connection while there is none', async () => {
    const { port, connect } = await serveFiles({ a: 'a' });
    const cuts = new Cuts(port);
    const client = clientAt(port, { port: undefined, connect: cuts.connect });
    await client.connect();
    const state = once(client, 'state');
    cuts.now();
    await state;
    await client.remove('a');
    expect(await connect().exists('a')).toBe(false);
  });
});

describe('the errors of a lost connection', () => {
  it('are TransferErrors that name the request', async () => {
    const { port } = await scripted('open ', (_connection, socket) => socket.destroy());
    const failure = await clientAt(port)
      .stat('a/b')
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransferError);
    expect(failure).toMatchObject({ operation: 'stat', path: 'a/b', retryable: true });
  });
});
