/** How downloads come over real sockets: whole, in large pieces, no faster than they are read. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, vi } from 'vitest';
import { MemoryStorage, type FileClient, type FileServer } from '../../../src/index.js';
import { syncWriter } from '../../../src/client/local/partial-download/partial-download.js';
import { bytesOf } from '../../support/bytes.js';
import {
  bytes as large,
  fileHandlePrototype,
  finishedDownload,
  place,
} from '../../support/local-files/local-place.js';
import { certificate, trusting } from '../../support/servers/secured.js';
import { serve } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const KIB = 1024;
/** Bytes that a server may send to a reader that reads nothing. */
const WINDOW_BYTES = 2 * 1024 * KIB;
const bytes = bytesOf(12_000_000);

const ways = {
  TCP: { server: {}, client: {} },
  TLS: { server: { tls: certificate }, client: { tls: trusting } },
};

describe.each(['TCP', 'TLS'] as const)('a download over %s', (way) => {
  async function connected(): Promise<{ client: FileClient; server: FileServer }> {
    const { connect, server } = await serve({ storage: new MemoryStorage(), ...ways[way].server });
    const client = connect(ways[way].client);
    await client.writeFile('a', bytes);
    return { client, server };
  }

  it('reaches a slow reader whole, in pieces of 64 KiB, each in its own memory', async () => {
    const { client } = await connected();
    const pieces: Buffer[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (piece: Buffer, _encoding, done) => {
        pieces.push(piece);
        setImmediate(() => setImmediate(done));
      },
    });
    await pipeline(client.download('a'), slow);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    const sizes = pieces.map(({ length }) => length);
    expect(Math.max(...sizes)).toBe(64 * KIB);
    expect(sizes.filter((size) => size === 64 * KIB).length).toBeGreaterThan(sizes.length / 2);
    expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(pieces.length);
  });

  it('reaches a reader that pauses and resumes whole, and ends during a pause', async () => {
    const { client } = await connected();
    const download = client.download('a', { offset: 0, length: 300_000 });
    const pieces: Buffer[] = [];
    download.on('data', (piece: Buffer) => {
      pieces.push(piece);
      download.pause();
      setImmediate(() => download.resume());
    });
    await once(download, 'end');
    expect(Buffer.concat(pieces).equals(bytes.subarray(0, 300_000))).toBe(true);
  });

  it('buffers at most twice the high-water mark for a paused reader', async () => {
    const { client, server } = await connected();
    const download = client.download('a');
    // The server has sent everything that it may, and a pong does not overtake earlier frames.
    await until(() => server.stats().bytesSent > WINDOW_BYTES);
    await client.ping();
    download.read(1);
    expect(download.readableLength).toBeLessThan(2 * download.readableHighWaterMark);
    download.resume();
    await once(download, 'end');
  });

  it('can be read in any way', async () => {
    const { client } = await connected();
    const sum = createHash('sha256');
    for await (const piece of client.download('a')) sum.update(piece as Buffer);
    expect(sum.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(bytes.equals(await client.readFile('a'))).toBe(true);
  });

  it('is verified without a reader, and also when reading starts later', async () => {
    const { client } = await connected();
    const download = client.download('a').resume();
    const pieces: Buffer[] = [];
    await download.entry;
    download.once('data', (piece: Buffer) => {
      pieces.push(piece);
      download.on('data', (next: Buffer) => pieces.push(next));
    });
    const { bytes: count } = await download.completed;
    expect(count).toBe(bytes.length);
    const heard = Buffer.concat(pieces);
    // It began somewhere, and has missed nothing since.
    expect(heard.equals(bytes.subarray(bytes.length - heard.length))).toBe(true);
  });

  it('can be destroyed in the middle of a piece while others continue', async () => {
    const { client } = await connected();
    const other = client.readFile('a');
    const download = client.download('a');
    download.on('error', () => undefined);
    download.once('data', () => download.destroy());
    await once(download, 'close');
    expect(bytes.equals(await other)).toBe(true);
  });

  it('is not damaged by a reader that transfers the memory of pieces', async () => {
    const { client, server } = await connected();
    const download = client.download('a');
    let received = 0;
    download.on('data', (piece: Buffer) => {
      received += piece.length;
      give(piece.buffer as ArrayBuffer);
    });
    await once(download, 'end');
    expect(received).toBe(bytes.length);
    // A download resumes after a cut, which would hide the failure.
    expect(server.stats().totalConnections).toBe(1);
  });

  it('does not overwrite delivered pieces with later bytes', async () => {
    const { client } = await connected();
    const pieces: Buffer[] = [];
    const sums: string[] = [];
    client.download('a').on('data', (piece: Buffer) => {
      pieces.push(piece);
      sums.push(md5(piece));
    });
    await client.readFile('a');
    await client.readFile('a');
    expect(pieces.map(md5)).toEqual(sums);
  });
});

describe('a download into a local file', () => {
  it('completes short writes, by threads', async () => {
    const at = await place();
    vi.spyOn(syncWriter, 'write').mockReturnValue(undefined);
    const prototype = await fileHandlePrototype();
    const { writev } = prototype;
    const short = vi.spyOn(prototype, 'writev').mockImplementation(function (
      this: FileHandle,
      pieces,
      position,
    ) {
      const [first = Buffer.alloc(0)] = pieces as readonly Buffer[];
      return Reflect.apply(writev, this, [[first.subarray(0, 100_000)], position]);
    });
    await finishedDownload(at);
    expect(short.mock.calls.length).toBeGreaterThanOrEqual(large.length / 100_000);
  });

  it('completes short writes, synchronously', async () => {
    const at = await place();
    const write = syncWriter.write.bind(syncWriter);
    let shortened = 0;
    vi.spyOn(syncWriter, 'write').mockImplementation((fd, [first = Buffer.alloc(0)], position) => {
      shortened += 1;
      return write(fd, [first.subarray(0, 10_000)], position);
    });
    await finishedDownload(at);
    // At first it is not known whether it may.
    expect(shortened).toBeGreaterThan(10);
  });

  it('writes by threads when its directory is not known to be local', async () => {
    const at = await place();
    vi.spyOn(syncWriter, 'isLocal').mockResolvedValue(false);
    const write = vi.spyOn(syncWriter, 'write');
    await finishedDownload(at);
    expect(write).not.toHaveBeenCalled();
  });
});

/** Newer versions of Node throw where memory is not to be given away; older ones do not give it. */
function give(memory: ArrayBuffer): void {
  try {
    structuredClone(0, { transfer: [memory] });
  } catch {
    // It was not given.
  }
}

function md5(piece: Buffer): string {
  return createHash('md5').update(piece).digest('hex');
}
