/** The status of an upload by its id: asking changes nothing. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  DirectoryStorage,
  MemoryStorage,
  parseRemotePath,
  subStorage,
  type Authenticate,
  type CodecName,
  type FileServerOptions,
  type Storage,
} from '../../../src/index.js';
import { bytesAt } from '../../../src/contracts/storage/storage-fixture.js';
import { bytesOf } from '../../support/bytes.js';
import { answerTo, wireOf } from '../../support/frames/login-wire.js';
import { ID, offsetOf, UploadWire } from '../../support/frames/upload-wire.js';
import { answering } from '../../support/servers/answering.js';
import { Cuts } from '../../support/servers/cuts.js';
import { clientAt } from '../../support/servers/scripted.js';
import { serve, temporaryDirectory, type Served } from '../../support/servers/serve.js';

const SIZE = 1_500_000;
const bytes = bytesOf(SIZE);
const codecs: readonly CodecName[] = ['text', 'json', 'xml', 'binary'];

interface Place extends Served {
  readonly storage: Storage;
}

const places: Record<string, (options?: FileServerOptions) => Promise<Place>> = {
  'a directory': async (options) => placeOf(new DirectoryStorage(await temporaryDirectory()), options),
  memory: async (options) => placeOf(new MemoryStorage(), options),
  'a sub-storage with a quota': async (options) => {
    const storage = new DirectoryStorage(await temporaryDirectory());
    await storage.mkdir(parseRemotePath('sub'), { recursive: false });
    return placeOf(subStorage(storage, 'sub'), { quota: { bytes: 10 * SIZE }, ...options });
  },
};

async function placeOf(storage: Storage, options?: FileServerOptions): Promise<Place> {
  return { ...(await serve({ storage, ...options })), storage };
}

describe.each(Object.entries(places))('the status of an upload into %s', (_name, make) => {
  it.each(codecs)(
    'is known to a client that was not connected when it started the upload (%s)',
    async (codec) => {
      const client = (await make()).connect({ codec });
      const running = client.upload('file');
      running.write(bytes.subarray(0, 100_000));
      const small = client.upload('small');
      small.end('bytes');
      const ids = [running.uploadId ?? '', small.uploadId ?? ''] as const;
      expect(await client.uploadStatus('file', ids[0])).toMatchObject({ state: 'suspended' });
      expect(await client.uploadStatus('small', ids[1])).toBeDefined();
      await small.completed;
      expect(await client.uploadStatus('small', ids[1])).toMatchObject({ state: 'stored' });
      running.end();
      await running.completed;
    },
  );

  it.each(codecs)('does not end a running upload (%s)', async (codec) => {
    const place = await make();
    const client = place.connect({ codec });
    await client.connect();
    const upload = client.upload('file');
    upload.write(bytes.subarray(0, 1_000_000));
    const id = upload.uploadId ?? '';
    let known = 0;
    while (known < 1_000_000) {
      const status = await client.uploadStatus('file', id);
      expect(status).toMatchObject({ state: 'suspended', expiresInMs: undefined });
      if (status?.state === 'suspended') known = status.offset;
    }
    expect(known).toBe(1_000_000);
    upload.end(bytes.subarray(1_000_000));
    const { size, checksum, ...entry } = await upload.completed;
    expect(size).toBe(SIZE);
    expect(checksum).toMatch(/^crc32:/);
    expect(await client.uploadStatus('file', id)).toEqual({ state: 'stored', entry: { ...entry, size } });
  });

  it.each(codecs)(
    'leaves a suspended upload resumable, however often it is asked for (%s)',
    async (codec) => {
      const place = await make();
      await UploadWire.interrupted(place, bytes.subarray(0, 600_000));
      const client = place.connect({ codec });
      let expiresInMs = Infinity;
      for (let asked = 0; asked < 100; asked++) {
        const status = await client.uploadStatus('file', ID);
        expect(status).toMatchObject({ state: 'suspended', offset: 600_000 });
        const left = status?.state === 'suspended' ? (status.expiresInMs ?? 0) : 0;
        expect(left).toBeGreaterThan(3_500_000);
        expect(left).toBeLessThanOrEqual(expiresInMs);
        expiresInMs = left;
      }
      const { upload, answer } = await UploadWire.opened(place.port, 'path=file offset=600000');
      expect(offsetOf(answer)).toBe(600_000);
      upload.data(bytes.subarray(600_000));
      upload.end(bytes);
      expect(await upload.answer()).toMatch(/^result /);
      expect((await bytesAt(place.storage, 'file')).equals(bytes)).toBe(true);
    },
  );

  it('is unknown for another id and for another path', async () => {
    const place = await make();
    await UploadWire.interrupted(place, bytes.subarray(0, 600_000));
    const client = place.connect();
    expect(await client.uploadStatus('file', ID.replace('0', '1'))).toBeUndefined();
    expect(await client.uploadStatus('other', ID)).toBeUndefined();
    expect(await client.uploadStatus('missing/file', ID)).toBeUndefined();
    expect(await client.uploadStatus('file', ID)).toMatchObject({ state: 'suspended' });
  });

  it('is unknown after a discarded upload', async () => {
    const place = await make();
    const { upload } = await UploadWire.opened(place.port, 'path=file');
    upload.data(bytes.subarray(0, 600_000));
    upload.cancel();
    expect(await upload.answer()).toMatch(/^error code=ECANCELED /);
    expect(await place.connect().uploadStatus('file', ID)).toBeUndefined();
  });
});

it('the status of an append counts the appended bytes', async () => {
  const place = await placeOf(new DirectoryStorage(await temporaryDirectory()));
  const client = place.connect();
  await client.writeFile('file', 'x'.repeat(1_000));
  const { etag } = await client.stat('file');
  await UploadWire.interrupted(place, bytes.subarray(0, 500), `path=file append=true ifMatch=${etag}`);
  const status = await client.uploadStatus('file', ID);
  expect(status).toMatchObject({ state: 'suspended', offset: 500 });
});

it('the status of a suspended upload is known after a restart of the server', async () => {
  const root = await temporaryDirectory();
  const before = await serve({ root });
  await UploadWire.interrupted(before, bytes.subarray(0, 600_000));
  await before.server.close();
  const { connect } = await serve({ root });
  expect(await connect().uploadStatus('file', ID)).toMatchObject({ state: 'suspended', offset: 600_000 });
});

it('the status of an expired upload is unknown', async () => {
  const storage = new DirectoryStorage(await temporaryDirectory(), { suspendedExpiryMs: 50 });
  const place = await placeOf(storage);
  await UploadWire.interrupted(place, bytes.subarray(0, 600_000));
  const client = place.connect();
  // The time in which the upload expires is what this test is about.
  await wait(60);
  expect(await client.uploadStatus('file', ID)).toBeUndefined();
});

it('the upload of another identity is unknown', async () => {
  const named: Authenticate = ({ user = '', password }) => user === password && { name: user };
  const place = await placeOf(new MemoryStorage(), { authenticate: named });
  const ann = await wireOf(place.port, 'ann');
  const upload = UploadWire.openOn(ann, 1, 'path=file');
  await upload.answer();
  upload.data(bytes.subarray(0, 70_000));
  const [bob, again] = [await wireOf(place.port, 'bob'), await wireOf(place.port, 'ann')];
  const question = `op=upload-status path=file upload=${ID}`;
  expect(await answerTo(bob, 1, question)).toMatch(/^error code=EGONE id=1 /);
  expect(await answerTo(again, 1, question)).toMatch(/^result id=1 path=file offset=\d+$/);
});

it('the status needs the permission to write', async () => {
  const { connect } = await serve({ storage: new MemoryStorage(), permissions: ['read', 'list'] });
  await expect(connect().uploadStatus('file', ID)).rejects.toMatchObject({ code: 'EACCES' });
});

it.each([
  ['an id that is none', `path=file upload=${ID.toUpperCase()}x`, 'EINVAL'],
  ['no id', 'path=file', 'EINVAL'],
  ['no path', `upload=${ID}`, 'EINVAL'],
])('a question with %s is refused', async (_name, fields, code) => {
  const { port } = await serve({ storage: new MemoryStorage() });
  const { wire } = await UploadWire.open(port, 'path=first');
  await wire.line();
  expect(await answerTo(wire, 3, `op=upload-status ${fields}`)).toMatch(`error code=${code} id=3 `);
});

it.each([
  ['neither an offset nor a file', 'path=file'],
  ['another path', 'path=other offset=1'],
  ['a directory', 'path=file kind=directory mtime=1'],
])('an answer with %s is EPROTO', async (_name, fields) => {
  const { port } = await answering({ feature: 'upload-status', opens: [`result id=ID ${fields}\n`] });
  await expect(clientAt(port).uploadStatus('file', ID)).rejects.toMatchObject({ code: 'EPROTO' });
});

it('the client refuses what is no upload id before it sends anything', async () => {
  let connections = 0;
  const client = clientAt(1, { port: undefined, connect: () => (connections++, new Cuts(1).connect()) });
  await expect(client.uploadStatus('file', ID.toUpperCase())).rejects.toThrow(TypeError);
  await expect(client.uploadStatus('file', 'short')).rejects.toThrow(TypeError);
  expect(connections).toBe(0);
});
