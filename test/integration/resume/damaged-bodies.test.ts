/** One damaged byte in a body: found soon by the running checksum, and never in a file. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { FileClient, FileServer, MemoryStorage, type CodecName, type FileEntry } from '../../../src/index.js';
import { codecs, fastClient, fastServer } from '../../faults/fixtures/fast-ends.js';
import { damagedBody, MAX_BYTES_UNTIL_FOUND } from '../../faults/fixtures/damaged-body.js';
import { checksumOf } from '../../support/frames/upload-wire.js';
import { ChaosProxy } from '../../faults/network/chaos-proxy.js';
import { portOf } from '../../faults/network/port.js';

const MIB = 1024 * 1024;
const SIZE = 12 * MIB;
const places = [100_000, 5 * MIB, SIZE - 100_000];
const cases = codecs.flatMap((codec) => places.map((at) => [codec, at] as const));

describe('a damaged byte of a downloaded file', () => {
  it.each(cases)('costs no more than the bytes after the last checksum (%s, byte %i)', async (codec, at) => {
    const place = await damagedBody({ codec, direction: 'toClient', size: SIZE, at });
    const { checksum, resumedFrom } = await place.client.downloadFile('file', place.local);
    expect((await fs.readFile(place.local)).equals(place.bytes)).toBe(true);
    expect(resumedFrom).toBe(0);
    expect(checksum).toBe(checksumOf(place.bytes));
    expect(place.carried()).toBeGreaterThan(SIZE + MIB / 16);
    expect(place.carried()).toBeLessThan(SIZE + MAX_BYTES_UNTIL_FOUND);
    await place.close();
  });
});

describe('a damaged byte of a download stream', () => {
  it.each(cases)('fails it soon after (%s, byte %i)', async (codec, at) => {
    const place = await damagedBody({ codec, direction: 'toClient', size: SIZE, at });
    const download = place.client.download('file');
    let given = 0;
    download.on('data', (piece: Buffer) => (given += piece.length));
    await expect(finished(download)).rejects.toMatchObject({ code: 'EBADMSG', retryable: true });
    // The running checksum after the damaged byte, or the one in the result.
    expect(given).toBeLessThan(Math.min(at + MIB + MIB / 2, SIZE + 1));
    await place.close();
  });
});

describe('a damaged byte of an uploaded file', () => {
  it.each(cases)('is found soon, and never stored (%s, byte %i)', async (codec, at) => {
    const place = await damagedBody({ codec, direction: 'toServer', size: SIZE, at });
    const ends: (string | undefined)[] = [];
    place.server.on('requestEnd', ({ operation, error }) => {
      if (operation === 'upload') ends.push(error?.code);
    });
    await place.client.uploadFile(place.local, 'file');
    expect((await fs.readFile(path.join(place.remote, 'file'))).equals(place.bytes)).toBe(true);
    expect(place.carried()).toBeLessThan(SIZE + at + MAX_BYTES_UNTIL_FOUND);
    await place.close();
    expect(ends).toEqual(['EBADMSG', undefined]);
  });
});

describe('a damaged byte of an upload stream', () => {
  it.each(codecs)('fails it soon after, and stores nothing (%s)', async (codec) => {
    const at = 5 * MIB;
    const place = await damagedBody({ codec, direction: 'toServer', size: SIZE, at });
    const upload = place.client.upload('file');
    upload.end(place.bytes);
    await expect(finished(upload)).rejects.toMatchObject({ code: 'EBADMSG', retryable: true });
    expect(place.carried()).toBeLessThan(at + MAX_BYTES_UNTIL_FOUND);
    await expect(place.client.stat('file')).rejects.toMatchObject({ code: 'ENOENT' });
    await place.close();
  });

  it.each(codecs)('of bytes in memory makes the client send them again (%s)', async (codec) => {
    const place = await damagedBody({ codec, direction: 'toServer', size: SIZE, at: 5 * MIB });
    await place.client.writeFile('file', place.bytes);
    expect((await fs.readFile(path.join(place.remote, 'file'))).equals(place.bytes)).toBe(true);
    expect(place.carried()).toBeLessThan(SIZE + 5 * MIB + MAX_BYTES_UNTIL_FOUND);
    await place.close();
  });
});

describe('a damaged byte of a listing', () => {
  it.each(codecs)('fails it soon after (%s)', async (codec) => {
    const at = 1_500_000;
    const { client, close, carried } = await damagedListing(codec, at);
    let given = 0;
    const listed = (async () => {
      for await (const _ of client.list('/')) given += 1;
    })();
    // The decoder of entries finds some damage first.
    const error: unknown = await listed.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(['EBADMSG', 'EPROTO']).toContain((error as { code?: string } | undefined)?.code);
    expect(given).toBeLessThan(ENTRIES);
    expect(carried()).toBeLessThan(at + MAX_BYTES_UNTIL_FOUND);
    await close();
  });
});

const ENTRIES = 100_000;

class LargeDirectory extends MemoryStorage {
  override async *list(): AsyncGenerator<FileEntry> {
    for (let number = 0; number < ENTRIES; number += 1) {
      const path = `${'entry'.repeat(8)}-${number}` as FileEntry['path'];
      yield { path, kind: 'file', size: number, mtime: new Date(number), etag: `v${number}` };
    }
  }
}

async function damagedListing(codec: CodecName, at: number) {
  const server = await new FileServer({ storage: new LargeDirectory(), ...fastServer }).listen(0);
  const fate = (connection: number) =>
    connection === 0 ? { flips: [{ direction: 'toClient' as const, at, bits: 4 }] } : {};
  const proxy = await new ChaosProxy(portOf(server), { fate }).listen();
  const client = new FileClient(fastClient(proxy.port, codec));
  const close = async (): Promise<void> => {
    await client.close();
    await proxy.close();
    await server.close();
  };
  return { client, close, carried: () => proxy.carried.toClient };
}
