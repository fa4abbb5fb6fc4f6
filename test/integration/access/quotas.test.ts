/** Quotas as clients meet them: 16 uploads at once, whole or not at all, and nothing left of those that do not fit. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { pathsIn } from '../../../src/contracts/storage/storage-fixture.js';
import {
  DirectoryStorage,
  MemoryStorage,
  parseRemotePath,
  REMOTE_ROOT,
  TransferError,
  type Authenticate,
  type FileClient,
  type FileServerOptions,
} from '../../../src/index.js';
import { bytesOf } from '../../support/bytes.js';
import { answerTo, wireOf } from '../../support/frames/login-wire.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';
import { UploadWire } from '../../support/frames/upload-wire.js';

const SIZE = 300_000;
const bytes = bytesOf(SIZE);
const authenticate: Authenticate = ({ user = '', password }) =>
  user === password && { name: user, root: user };

/** A server of homes on a disk, with a quota. */
async function serveQuota(options: FileServerOptions) {
  const root = await temporaryDirectory();
  const storage = new DirectoryStorage(root, { flush: false });
  for (const name of ['ann', 'bob']) await storage.mkdir(parseRemotePath(name), { recursive: true });
  const served = await serve({ storage, authenticate, ...options });
  const connectAs = (user: string): FileClient => served.connect({ user, password: user });
  const parts = () => readdir(path.join(root, 'ann', '.socket-ftp')).catch(() => []);
  return { ...served, storage, connectAs, parts };
}

function outcomes(work: Promise<unknown>[]): Promise<string[]> {
  return Promise.all(
    work.map((one) =>
      one.then(
        () => 'stored',
        (error: unknown) => TransferError.from(error).code,
      ),
    ),
  );
}

describe('16 parallel uploads of one identity', () => {
  it('store no more than the quota allows, when they announce their size', async () => {
    const { connectAs, storage, parts } = await serveQuota({ quota: { bytes: 5 * SIZE + 10 } });
    const clients = [connectAs('ann'), connectAs('ann'), connectAs('ann'), connectAs('ann')];
    const codes = await outcomes(
      Array.from({ length: 16 }, (_, index) =>
        clients[index % 4]!.writeFile(`file ${index}`, bytes, { size: SIZE }),
      ),
    );
    expect(codes.filter((code) => code === 'stored')).toHaveLength(5);
    expect(codes.filter((code) => code === 'EDQUOT')).toHaveLength(11);
    expect(await pathsIn(storage, parseRemotePath('ann'))).toHaveLength(5);
    expect(await parts()).toEqual([]);
  });

  it('never exceed the quota, when they do not announce their size', async () => {
    const { connectAs, storage, parts } = await serveQuota({ quota: { bytes: 5 * SIZE } });
    const clients = [connectAs('ann'), connectAs('ann')];
    const codes = await outcomes(
      Array.from({ length: 16 }, (_, index) =>
        pipeline(Readable.from(pieces()), clients[index % 2]!.upload(`file ${index}`)),
      ),
    );
    const stored = codes.filter((code) => code === 'stored').length;
    expect(stored).toBeLessThanOrEqual(5);
    expect(codes.filter((code) => code === 'EDQUOT')).toHaveLength(16 - stored);
    expect(await pathsIn(storage, parseRemotePath('ann'))).toHaveLength(stored);
    expect(await parts()).toEqual([]);
    await clients[0]!.writeFile('fits', bytes.subarray(stored === 5 ? SIZE : 0));
  });

  it('do not use the quota of another identity', async () => {
    const { connectAs } = await serveQuota({ quota: { bytes: SIZE } });
    const ann = connectAs('ann');
    const codes = await outcomes(Array.from({ length: 8 }, (_, at) => ann.writeFile(`file ${at}`, bytes)));
    expect(codes).toContain('EDQUOT');
    await connectAs('bob').writeFile('file', bytes);
  });
});

describe('a quota', () => {
  it('of the identity takes precedence over the quota of the server', async () => {
    const { connect } = await serve({
      storage: new MemoryStorage(),
      quota: { bytes: 10 },
      authenticate: ({ user = '' }) => ({
        name: user,
        quota: user === 'large' ? { bytes: 1_000 } : undefined,
      }),
    });
    await connect({ user: 'large' }).writeFile('a', bytes.subarray(0, 900));
    await expect(connect({ user: 'small' }).writeFile('b', bytes.subarray(0, 11))).rejects.toMatchObject({
      code: 'EDQUOT',
      retryable: false,
    });
  });

  it('limits all clients together when the server has no logins', async () => {
    const { connect } = await serve({ storage: new MemoryStorage(), quota: { bytes: 1_000, files: 2 } });
    await connect().writeFile('a', bytes.subarray(0, 600));
    await expect(connect().writeFile('b', bytes.subarray(0, 600))).rejects.toMatchObject({ code: 'EDQUOT' });
    await connect().mkdir('c');
    await expect(connect().mkdir('d')).rejects.toMatchObject({ code: 'EDQUOT' });
  });

  it('refuses a file that is announced too large before a byte of it is sent', async () => {
    const { port, parts } = await serveQuota({ quota: { fileBytes: 1_000, bytes: 10_000 } });
    const wire = await wireOf(port, 'ann');
    expect(await answerTo(wire, 1, 'op=upload path=file size=1001')).toMatch(/^error code=EFBIG id=1 /);
    expect(await answerTo(wire, 3, 'op=upload path=file size=9007199254740991')).toMatch(/code=EFBIG /);
    const upload = UploadWire.openOn(wire, 5, 'path=file');
    expect(await upload.answer()).toMatch(/^accept /);
    upload.data(bytes.subarray(0, 1_001));
    expect(await upload.answer()).toMatch(/^error code=EFBIG id=5 /);
    expect(await parts()).toEqual([]);
  });

  it('counts a suspended upload, keeps it and lets it resume', async () => {
    const { server, port, connectAs, storage } = await serveQuota({ quota: { bytes: SIZE } });
    const ann = connectAs('ann');
    const first = UploadWire.openOn(await wireOf(port, 'ann'), 1, 'path=file');
    await first.answer();
    first.data(bytes.subarray(0, 200_000));
    await first.halfClose(server);
    const tooLarge = ann.writeFile('too large', bytesOf(SIZE + 1), { size: SIZE + 1 });
    await expect(tooLarge).rejects.toMatchObject({ code: 'EDQUOT' });
    const second = UploadWire.openOn(await wireOf(port, 'ann'), 1, 'path=file offset=200000');
    expect(await second.answer()).toMatch(/^accept .*offset=200000/);
    await expect(ann.writeFile('other', bytesOf(150_000))).rejects.toMatchObject({ code: 'EDQUOT' });
    second.data(bytes.subarray(200_000));
    second.end(bytes);
    expect(await second.answer()).toMatch(/^result /);
    expect((await storage.stat(parseRemotePath('ann/file'))).size).toBe(SIZE);
  });

  it('drops a suspended upload to make room for a new one', async () => {
    const { server, port, connectAs, parts, storage } = await serveQuota({ quota: { bytes: SIZE } });
    const first = UploadWire.openOn(await wireOf(port, 'ann'), 1, 'path=file');
    await first.answer();
    first.data(bytes.subarray(0, 200_000));
    await first.halfClose(server);
    expect(await parts()).toHaveLength(1);
    // The program was started again, and knows nothing of its first upload.
    await connectAs('ann').writeFile('file', bytes);
    expect(await parts()).toEqual([]);
    expect(await pathsIn(storage, REMOTE_ROOT, true)).toEqual(['ann', 'ann/file', 'bob']);
  });
});

/** The bytes of a file in pieces, without an announced size. */
function* pieces(): Generator<Buffer> {
  for (let from = 0; from < SIZE; from += 10_000) yield bytes.subarray(from, from + 10_000);
}
