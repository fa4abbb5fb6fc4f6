/** Uploads that restart, or resume under other conditions, although their id is known. */
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath, type PendingFile } from '../../../src/index.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { bytesOf } from '../../support/bytes.js';
import { Cuts } from '../../support/servers/cuts.js';
import { serve, temporaryDirectory, type Served } from '../../support/servers/serve.js';
import { storageWith } from '../../support/servers/unfriendly.js';
import { until } from '../../support/until.js';
import { offsetOf, UploadWire } from '../../support/frames/upload-wire.js';

const SIZE = 1_500_000;
const bytes = bytesOf(SIZE);
const file = parseRemotePath('file');

async function stored(place: Served, fields = 'path=file'): Promise<string> {
  const { upload } = await UploadWire.opened(place.port, fields);
  upload.data(bytes);
  upload.end(bytes);
  return upload.answer();
}

describe('a repeated upload', () => {
  it.each(['a directory', 'memory'])('is not said to be stored before it is, in %s', async (where) => {
    const storage =
      where === 'memory' ? new MemoryStorage() : new DirectoryStorage(await temporaryDirectory());
    const place = await serve({ storage });
    expect(await stored(place)).toMatch(/^result /);
    await storage.remove(file, { recursive: false });
    // Without an offset the upload restarts. It is cut, and resumes: nothing of it is under the path.
    await UploadWire.interrupted(place, bytes.subarray(0, 600_000), 'path=file');
    const { answer } = await UploadWire.opened(place.port, 'path=file offset=600000');
    expect(offsetOf(answer)).toBe(600_000);
  });

  it('by uploadFile is stored when it resolves, also after a cut', async () => {
    const local = path.join(await temporaryDirectory(), 'source');
    await fs.writeFile(local, bytes);
    const memory = new MemoryStorage();
    let slow = false;
    let held: (() => void) | undefined;
    const storage = storageWith({
      stat: (at) => memory.stat(at),
      read: (at) => memory.read(at),
      write: async (at, options) => {
        const pending = await memory.write(at, options);
        let written = 0;
        return {
          write: async (pieces) => {
            await pending.write(pieces);
            written += pieces.reduce((sum, { length }) => sum + length, 0);
            if (slow && written > 800_000) await new Promise<void>((resolve) => (held = resolve));
          },
          commit: () => pending.commit(),
          discard: () => pending.discard(),
        } satisfies PendingFile;
      },
    });
    const { port, connect, server } = await serve({ storage });
    const cuts = new Cuts(port);
    const client = connect({ port: undefined, connect: cuts.connect });
    await client.uploadFile(local, 'file');
    await memory.remove(file, { recursive: false });
    slow = true;
    const again = client.uploadFile(local, 'file').then(
      () => 'stored',
      (error: unknown) => String(error),
    );
    // All is sent, and some of it was acknowledged.
    await until(() => held !== undefined && server.stats().bytesReceived > 2 * SIZE);
    await client.ping();
    const lost = once(server, 'disconnect');
    cuts.sockets.at(-1)?.resetAndDestroy();
    await lost;
    slow = false;
    held?.();
    const outcome = await again;
    const there = await memory.stat(file).then(
      () => 'stored',
      () => 'missing',
    );
    expect({ outcome, there }).toEqual({ outcome: 'stored', there: 'stored' });
  });
});

describe('an upload that the server suspends for a storage without resume', () => {
  it('is refused before accept when its condition no longer holds', async () => {
    const storage = new MemoryStorage();
    const place = await serve({ storage });
    await UploadWire.interrupted(place, bytes.subarray(0, 100), 'path=file overwrite=false');
    await place.connect().writeFile('file', 'of another client');
    const { answer } = await UploadWire.opened(place.port, 'path=file overwrite=false offset=0');
    expect(answer).toMatch(/^error code=EEXIST /);
  });

  it('is committed under the conditions of the resuming request', async () => {
    const storage = new MemoryStorage();
    const place = await serve({ storage });
    await UploadWire.interrupted(place, bytes.subarray(0, 100), 'path=file');
    await place.connect().writeFile('file', 'of another client');
    const { upload, answer } = await UploadWire.opened(place.port, 'path=file overwrite=false offset=0');
    if (answer.startsWith('accept')) {
      upload.data(bytes.subarray(offsetOf(answer)));
      upload.end(bytes);
      await upload.answer();
    }
    expect((await storage.stat(file)).size).toBe(17);
  });

  it('is not resumed with a checksum of another algorithm', async () => {
    const place = await serve({ storage: new MemoryStorage() });
    await UploadWire.interrupted(place, bytes.subarray(0, 100), 'path=file checksum=crc32');
    const { upload, answer } = await UploadWire.opened(place.port, 'path=file checksum=sha256 offset=0');
    expect(answer).toMatch(/ checksum=sha256 /);
    upload.data(bytes.subarray(offsetOf(answer)));
    upload.wire.send(
      `end id=1 size=${SIZE} checksum=sha256:${createHash('sha256').update(bytes).digest('hex')}\n`,
    );
    expect(await upload.answer()).toMatch(/^result .* checksum=sha256:/);
  });
});
