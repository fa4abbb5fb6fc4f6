/** Uploads that are resumed after a cut, frame by frame, on a server of a directory and on one of memory. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryStorage, parseRemotePath, type FileServerOptions, type Storage } from '../../../src/index.js';
import { bytesAt } from '../../../src/contracts/storage/storage-fixture.js';
import { DirectoryStorage } from '../../../src/storage/directory/directory-storage.js';
import { bytesOf } from '../../support/bytes.js';
import { serve, temporaryDirectory, type Served } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';
import { Wire } from '../../support/frames/wire.js';
import { checksumOf, ended, ID, offsetOf, UploadWire } from '../../support/frames/upload-wire.js';

const SIZE = 1_500_000;
const bytes = bytesOf(SIZE);

interface Place extends Served {
  readonly storage: Storage;
  /** The parts that are in the private folder. */
  parts(): Promise<string[]>;
}

type MakePlace = (options?: FileServerOptions) => Promise<Place>;

const places: Record<string, MakePlace> = {
  'a directory': async (options) => {
    const root = await temporaryDirectory();
    const storage = new DirectoryStorage(root);
    return { ...(await serve({ storage, ...options })), storage, parts: () => partsIn(root) };
  },
  memory: async (options) => {
    const storage = new MemoryStorage();
    return { ...(await serve({ storage, ...options })), storage, parts: async () => [] };
  },
};

async function partsIn(root: string): Promise<string[]> {
  const names = await readdir(path.join(root, '.socket-ftp')).catch(() => []);
  return names.filter((name) => name.endsWith('.part'));
}

async function isThere({ storage }: Place, name = 'file'): Promise<boolean> {
  return storage.stat(parseRemotePath(name)).then(
    () => true,
    () => false,
  );
}

/** Goes on where the server says, to the end; resolves with the result. */
async function goOn(upload: UploadWire, accept: string): Promise<string> {
  upload.data(bytes.subarray(offsetOf(accept)));
  upload.end(bytes);
  return upload.answer();
}

describe.each(Object.entries(places))('an upload into %s whose connection was lost', (_name, make) => {
  it.each([1, 65_536, 600_000, SIZE])('after %i bytes is resumed from there', async (sent) => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, sent));
    expect(await isThere(place)).toBe(false);
    const { upload, answer } = await UploadWire.opened(place.port, 'path=file offset=0');
    expect(answer).toBe(`accept id=1 path=file offset=${sent} checksum=crc32 window=2097152`);
    expect(await goOn(upload, answer)).toMatch(
      new RegExp(
        `^result id=1 path=file kind=file size=${SIZE} .* bytes=${SIZE} checksum=${checksumOf(bytes)}( mode=\\d+)?$`,
      ),
    );
    expect((await bytesAt(place.storage, 'file')).equals(bytes)).toBe(true);
    expect(await place.parts()).toEqual([]);
  });

  it('is resumed at the offset of the server after any number of resets', async () => {
    const place = await make();
    const first = await UploadWire.open(place.port, 'path=file');
    first.data(bytes.subarray(0, 50_000));
    await first.cut(place.server);
    let from = 0;
    for (const more of [200_000, 700_000, 1]) {
      const { upload, answer } = await UploadWire.opened(place.port, `path=file offset=${from}`);
      const offset = offsetOf(answer);
      expect(offset).toBeGreaterThanOrEqual(from);
      from = offset;
      upload.data(bytes.subarray(offset, offset + more));
      await upload.cut(place.server);
    }
    const { upload, answer } = await UploadWire.opened(place.port, `path=file offset=${from}`);
    expect(await goOn(upload, answer)).toMatch(/^result /);
    expect((await bytesAt(place.storage, 'file')).equals(bytes)).toBe(true);
    expect(await place.parts()).toEqual([]);
  });

  it('counts acks of each channel from 0', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 700_000));
    const { upload, answer } = await UploadWire.opened(place.port, 'path=file offset=0');
    upload.data(bytes.subarray(offsetOf(answer), offsetOf(answer) + 600_000));
    const [, acked] = /^ack id=1 offset=(\d+) window=2097152$/.exec((await upload.wire.line()) ?? '') ?? [];
    expect(Number(acked)).toBeGreaterThan(500_000);
    expect(Number(acked)).toBeLessThanOrEqual(600_000);
  });

  it('waits for accept before it sends bytes', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 100));
    const wire = await Wire.connect(place.port);
    wire.send(
      `hello version=1\nopen id=1 op=upload path=file upload=${ID} offset=0\ndata id=1 length=1\nx\n`,
    );
    expect(await wire.line()).toMatch(/^welcome /);
    expect(await wire.line()).toMatch(/^error code=EFLOOD id=1 /);
    // The early byte is not joined to the others, and the connection continues.
    const upload = UploadWire.openOn(wire, 3, 'path=file offset=0');
    const answer = await upload.answer();
    expect(offsetOf(answer)).toBe(100);
    expect(await goOn(upload, answer)).toMatch(/^result id=3 /);
    expect((await bytesAt(place.storage, 'file')).equals(bytes)).toBe(true);
    expect(await place.parts()).toEqual([]);
  });

  it('fails with EGONE for a client that cannot send the missing bytes', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 100_000));
    const late = await UploadWire.opened(place.port, 'path=file offset=100001');
    expect(late.answer).toMatch(/^error code=EGONE id=1 .* retryable=false$/);
    expect(await place.parts()).toEqual([]);
    const unknown = await UploadWire.opened(place.port, `path=file offset=1 upload=${'f'.repeat(32)}`);
    expect(unknown.answer).toMatch(/^error code=EGONE /);
    const anew = await UploadWire.opened(place.port, 'path=file offset=0');
    expect(offsetOf(anew.answer)).toBe(0);
  });

  it('restarts without an offset, and for another path', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 100_000));
    const elsewhere = await UploadWire.opened(place.port, 'path=other offset=0');
    expect(offsetOf(elsewhere.answer)).toBe(0);
    expect(await goOn(elsewhere.upload, elsewhere.answer)).toMatch(/^result id=1 path=other /);
    await UploadWire.interrupted(place, bytes.subarray(0, 100_000));
    expect((await UploadWire.opened(place.port, 'path=third offset=1')).answer).toMatch(/^error code=EGONE /);
    const { upload, answer } = await UploadWire.opened(place.port, 'path=file');
    expect(answer).toBe('accept id=1 path=file checksum=crc32 window=2097152');
    upload.data(bytes);
    upload.end(bytes);
    expect(await upload.answer()).toMatch(/^result /);
  });

  it('is discarded if it is cancelled, but not if it was resumed', async () => {
    const place = await make();
    const { upload } = await UploadWire.opened(place.port, 'path=file');
    upload.data(bytes.subarray(0, 600_000));
    expect(await upload.wire.line()).toMatch(/^ack /);
    upload.cancel();
    expect(await upload.answer()).toMatch(/^error code=ECANCELED /);
    expect(await place.parts()).toEqual([]);
    const second = await UploadWire.opened(place.port, 'path=file offset=0');
    expect(offsetOf(second.answer)).toBe(0);
    second.upload.data(bytes.subarray(0, 600_000));
    expect(await second.upload.wire.line()).toMatch(/^ack /);
    second.upload.cancel();
    expect(await second.upload.answer()).toMatch(/^error code=ECANCELED /);
    const third = await UploadWire.opened(place.port, 'path=file offset=0');
    expect(offsetOf(third.answer)).toBeGreaterThan(0);
  });

  it('is discarded if its checksum does not match', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 100_000));
    const { upload, answer } = await UploadWire.opened(place.port, 'path=file offset=0');
    const damaged = Buffer.from(bytes);
    damaged[7] = (damaged[7] ?? 0) ^ 1;
    upload.data(bytes.subarray(offsetOf(answer)));
    upload.end(damaged);
    expect(await upload.answer()).toMatch(/^error code=EBADMSG /);
    expect(await isThere(place)).toBe(false);
    expect(await place.parts()).toEqual([]);
    expect(offsetOf((await UploadWire.opened(place.port, 'path=file offset=0')).answer)).toBe(0);
  });

  it.each(['non-blocking', 'blocking'] as const)(
    'is taken from a connection that is silent, by a %s server',
    async (strategy) => {
      const place = await make({ strategy });
      const silent = await UploadWire.opened(place.port, 'path=file');
      silent.upload.data(bytes.subarray(0, 600_000));
      expect(await silent.upload.wire.line()).toMatch(/^ack /);
      const { upload, answer } = await UploadWire.opened(place.port, 'path=file offset=0');
      expect(await silent.upload.answer()).toBe(
        'error code=ECANCELED id=1 message=Another%20request%20resumes%20this%20upload. retryable=false',
      );
      expect(offsetOf(answer)).toBeGreaterThan(500_000);
      expect(await goOn(upload, answer)).toMatch(/^result /);
      expect((await bytesAt(place.storage, 'file')).equals(bytes)).toBe(true);
    },
  );

  it('is not taken from its later attempt by a delayed earlier attempt', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 100));
    const { upload, answer } = await UploadWire.opened(place.port, 'path=file offset=0');
    const late = await UploadWire.opened(place.port, 'path=file');
    expect(late.answer).toMatch(/^error code=ECANCELED /);
    expect(await goOn(upload, answer)).toMatch(/^result /);
  });

  it('repeats its result, also on the connection that already has it', async () => {
    const place = await make();
    const { upload } = await UploadWire.opened(place.port, 'path=file');
    upload.data(bytes);
    upload.end(bytes);
    const result = await upload.answer();
    expect(result).toMatch(/^result /);
    for (const offset of [0, 1_000_000, SIZE]) {
      const again = await UploadWire.opened(place.port, `path=file offset=${offset}`);
      expect(again.answer).toBe(result);
    }
    expect((await UploadWire.opened(place.port, 'path=other offset=1')).answer).toMatch(/^error code=EGONE /);
  });

  it('is stored once, whatever becomes of the file, unless it starts again without an offset', async () => {
    const place = await make();
    const { upload } = await UploadWire.opened(place.port, 'path=file');
    upload.data(bytes);
    upload.end(bytes);
    expect(await upload.answer()).toMatch(/^result /);
    await place.storage.rename?.(parseRemotePath('file'), parseRemotePath('moved'), { overwrite: false });
    for (const offset of [0, 1, SIZE]) {
      const told = await UploadWire.opened(place.port, `path=file offset=${offset}`);
      expect(told.answer).toMatch(/^result /);
    }
    expect(await isThere(place)).toBe(false);
    const restarted = await UploadWire.opened(place.port, 'path=file');
    expect(restarted.answer).toMatch(/^accept /);
    restarted.upload.data(bytes);
    restarted.upload.end(bytes);
    expect(await restarted.upload.answer()).toMatch(/^result /);
    expect(await isThere(place)).toBe(true);
  });

  it('is refused with EINVAL if its id is invalid or missing', async () => {
    const place = await make();
    for (const id of [ID.slice(1), `${ID}0`, ID.toUpperCase(), '..%2f'.repeat(6)]) {
      const { answer } = await UploadWire.opened(place.port, `path=file upload=${id}`);
      expect(answer).toMatch(/^error code=EINVAL /);
    }
    const { wire } = await UploadWire.opened(place.port, 'path=file').then(({ upload }) => upload);
    wire.send('open id=3 op=upload path=file offset=0\n');
    expect(await wire.line()).toMatch(/^error code=EINVAL id=3 /);
  });
});

describe('the suspended uploads of a server for a storage without resume', () => {
  it('are limited in number: the oldest are dropped', async () => {
    const storage = new MemoryStorage();
    const place = { ...(await serve({ storage, uploads: { maxSuspendedUploads: 1 } })), storage };
    await UploadWire.interrupted(place, bytes.subarray(0, 100), 'path=file');
    await UploadWire.interrupted(place, bytes.subarray(0, 200), `path=other upload=${'e'.repeat(32)}`);
    expect(storage.bytes).toBe(200);
    expect((await UploadWire.opened(place.port, 'path=file offset=1')).answer).toMatch(/^error code=EGONE /);
    const other = await UploadWire.opened(place.port, `path=other offset=1 upload=${'e'.repeat(32)}`);
    expect(offsetOf(other.answer)).toBe(200);
  });

  it('are discarded when they expire', async () => {
    const storage = new MemoryStorage();
    const place = { ...(await serve({ storage, uploads: { suspendedExpiryMs: 1 } })), storage };
    await UploadWire.interrupted(place, bytes.subarray(0, 100));
    await until(() => storage.bytes === 0);
    expect((await UploadWire.opened(place.port, 'path=file offset=1')).answer).toMatch(/^error code=EGONE /);
  });
});

describe.each(Object.entries(places))('a server of %s', (_name, make) => {
  it('releases or suspends all uploads when it is closed', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 100_000));
    const { upload } = await UploadWire.opened(place.port, `path=other upload=${'e'.repeat(32)}`);
    upload.data(bytes.subarray(0, 600_000));
    expect(await upload.wire.line()).toMatch(/^ack /);
    const over = ended(place.server);
    await place.server.close({ graceMs: 0 });
    expect((await over).error?.code).toBe('ESHUTDOWN');
    if (place.storage instanceof MemoryStorage) expect(place.storage.bytes).toBe(0);
    expect(await place.parts()).toHaveLength(place.storage instanceof MemoryStorage ? 0 : 2);
  });
});
