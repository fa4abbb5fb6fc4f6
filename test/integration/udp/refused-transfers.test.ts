/** What a server refuses over TCP it refuses over UDP, in every codec, and the path serves the next transfer. */
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import {
  TransferError,
  type FileClient,
  type FileServerOptions,
  type MemoryStorage,
  type PendingFile,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { codecNames } from '../../support/frames/frame-wire.js';
import { serve, storageOf, temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const bytes = bytesOf(3_000_000);
const small = bytesOf(1_500_000, 2);

/** A server of the files `file` and `other`, and a client with UDP that has used it. */
async function served(codec: (typeof codecNames)[number], options: FileServerOptions = {}) {
  const storage = await storageOf({ file: bytes, other: small });
  const { server, connect } = await serve({ storage, udp: true, ...options });
  const client = connect({ codec, transport: 'udp' });
  expect(small.equals(await client.readFile('other'))).toBe(true);
  const before = server.stats();
  /** Bytes of bodies since then. */
  const moved = () => ({
    received: server.stats().udpBytesReceived - before.udpBytesReceived,
    sent: server.stats().udpBytesSent - before.udpBytesSent,
  });
  /** The next download travels over the same path, and nothing of the refused transfer is left. */
  const servesTheNext = async (): Promise<void> => {
    const { udpBytesSent } = server.stats();
    expect(small.equals(await client.readFile('other'))).toBe(true);
    expect(server.stats().udpBytesSent - udpBytesSent).toBe(small.length);
    await until(() => server.stats().activeRequests === 0);
    expect(client.stats()).toMatchObject({ fallbacks: 0, totalConnections: 1 });
    expect(server.stats()).toMatchObject({ fallbacks: 0, udpPaths: 1 });
  };
  return { server, client, storage, moved, servesTheNext };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => TransferError.from(error).code,
  );
}

/** An upload whose size is not announced. */
async function uploadStream(client: FileClient, name: string): Promise<void> {
  const local = path.join(await temporaryDirectory(), 'local');
  await writeFile(local, bytes);
  await pipeline(createReadStream(local), client.upload(name));
}

describe.each(codecNames)('over UDP in %s', (codec) => {
  it('a user without the permission to write uploads nothing', async () => {
    const { client, moved, servesTheNext } = await served(codec, { permissions: ['read', 'list'] });
    expect(await codeOf(client.writeFile('new', bytes))).toBe('EACCES');
    expect(await codeOf(uploadStream(client, 'new'))).toBe('EACCES');
    expect(await codeOf(client.stat('new'))).toBe('ENOENT');
    expect(moved()).toEqual({ received: 0, sent: 0 });
    await servesTheNext();
  });

  it('a forbidden path is neither read nor written', async () => {
    const { client, moved, servesTheNext } = await served(codec, {
      authorize: (_identity, _permission, file) => file !== 'file',
    });
    expect(await codeOf(client.readFile('file'))).toBe('EACCES');
    expect(await codeOf(client.writeFile('file', small))).toBe('EACCES');
    expect(moved()).toEqual({ received: 0, sent: 0 });
    await servesTheNext();
  });

  it('a quota refuses an announced size before any byte, and others when they exceed it', async () => {
    const { client, moved, servesTheNext } = await served(codec, {
      quota: { bytes: bytes.length + small.length + 2_000_000 },
    });
    expect(await codeOf(client.writeFile('new', bytes))).toBe('EDQUOT');
    expect(moved()).toEqual({ received: 0, sent: 0 });
    expect(await codeOf(uploadStream(client, 'new'))).toBe('EDQUOT');
    expect(moved().received).toBeGreaterThan(1_000_000);
    expect(await codeOf(client.stat('new'))).toBe('ENOENT');
    await client.writeFile('fits', bytes.subarray(0, 1_900_000));
    await servesTheNext();
  });

  it('a file above the limit of one file is EFBIG', async () => {
    const { client, servesTheNext } = await served(codec, { quota: { fileBytes: 2_000_000 } });
    expect(await codeOf(client.writeFile('new', bytes))).toBe('EFBIG');
    expect(await codeOf(uploadStream(client, 'new'))).toBe('EFBIG');
    expect(await codeOf(client.stat('new'))).toBe('ENOENT');
    await client.writeFile('fits', bytes.subarray(0, 1_900_000));
    await servesTheNext();
  });

  it('an upload that beforeCommit refuses is not stored', async () => {
    const sizes: number[] = [];
    const { client, moved, servesTheNext } = await served(codec, {
      beforeCommit: ({ size }) => {
        sizes.push(size);
        throw new TransferError('EINVAL', 'It has a virus.');
      },
    });
    await expect(client.writeFile('file', small)).rejects.toMatchObject({
      code: 'EINVAL',
      reason: 'It has a virus.',
    });
    expect(sizes).toEqual([small.length]);
    expect(moved().received).toBe(small.length);
    expect(bytes.equals(await client.readFile('file'))).toBe(true);
    await servesTheNext();
  });

  it('a full disk at the server fails the upload in the middle with ENOSPC', async () => {
    const storage = await storageOf({ other: small });
    const { client, server, servesTheNext } = await served(codec, { storage: fillingUp(storage, 1_000_000) });
    expect(await codeOf(client.writeFile('new', bytes))).toBe('ENOSPC');
    expect(await codeOf(client.stat('new'))).toBe('ENOENT');
    expect(server.stats().failedRequests).toBeGreaterThan(0);
    await servesTheNext();
  });
});

/** A storage whose files hold no more than so many bytes. */
function fillingUp(storage: MemoryStorage, maxBytes: number): MemoryStorage {
  const write = storage.write.bind(storage);
  storage.write = async (...given) => {
    const file: PendingFile = await write(...given);
    const writePieces = file.write.bind(file);
    let stored = 0;
    file.write = async (pieces, ...others) => {
      stored += pieces.reduce((sum, { length }) => sum + length, 0);
      if (stored > maxBytes) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return writePieces(pieces, ...others);
    };
    return file;
  };
  return storage;
}
