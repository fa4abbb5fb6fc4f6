/** Files whose permissions, names or other metadata change during a transfer, which changes their etags. */
import fs from 'node:fs';
import path from 'node:path';
import { until } from '../../support/until.js';
import { describe, expect, it } from 'vitest';
import { DirectoryStorage, type Progress } from '../../../src/index.js';
import { fileCalls } from '../../../src/storage/directory/calls/file-calls.js';
import { changeByte, metadataChanges } from '../../support/local-files/file-changes.js';
import { checksumOf } from '../../support/frames/upload-wire.js';
import { Wire } from '../../support/frames/wire.js';
import {
  bytes,
  cancelledDownload,
  finishedDownload,
  MTIME,
  place,
  SIZE,
  type Place,
} from '../../support/local-files/local-place.js';
import { Cuts } from '../../support/servers/cuts.js';
import { serve, temporaryDirectory } from '../../support/servers/serve.js';

/** Downloads `big`, which changes after the first piece. */
async function changedDuring(
  at: Place,
  change: (file: string) => void,
  {
    checksum,
    ...options
  }: { ifMatch?: string | undefined; offset?: number; length?: number; checksum?: 'none' } = {},
): Promise<{ received: Buffer; etag: string | undefined }> {
  const download = at.connect({ checksum }).download('big', options);
  download.completed.catch(() => undefined);
  const pieces: Buffer[] = [];
  for await (const piece of download as AsyncIterable<Buffer>) {
    if (pieces.length === 0) change(at.remote('big'));
    pieces.push(piece);
  }
  return { received: Buffer.concat(pieces), etag: (await download.completed).etag };
}

const etagOf = async (at: Place): Promise<string | undefined> => (await at.connect().stat('big')).etag;

describe.runIf(process.platform !== 'win32')('a file that changes during a transfer', () => {
  describe('of a download', () => {
    it.each(metadataChanges)(
      '%s: the download succeeds, and ends with the etag of then',
      async (what, change) => {
        const at = await place();
        const before = await etagOf(at);
        const { received, etag } = await changedDuring(at, change);
        expect(received.equals(bytes)).toBe(true);
        // An open file that was replaced is still the same version.
        const isReplaced = what.startsWith('is replaced');
        expect(etag).toBe(isReplaced ? before : await etagOf(at));
        expect(etag === before).toBe(isReplaced);
      },
    );

    it('and whose bytes were sent already is ESTALE, although its time was put back', async () => {
      const at = await place();
      const changed = changedDuring(at, (file) => changeByte(file, 0));
      await expect(changed).rejects.toMatchObject({ code: 'ESTALE', operation: 'download', path: 'big' });
    });

    it('before its bytes were sent is one version, the one that the etag names', async () => {
      const at = await place();
      const { received, etag } = await changedDuring(at, (file) => changeByte(file, SIZE - 1));
      expect(received.equals(fs.readFileSync(at.remote('big')))).toBe(true);
      expect(received.equals(bytes)).toBe(false);
      expect(etag).toBe(await etagOf(at));
    });

    it('is checked against ifMatch at the start of the whole file, and to the end of a part', async () => {
      const at = await place();
      const chmod = (file: string): void => fs.chmodSync(file, 0o600);
      const whole = await changedDuring(at, chmod, { ifMatch: await etagOf(at) });
      expect(whole.received.equals(bytes)).toBe(true);
      const part = { offset: 1, length: SIZE - 2 };
      const stale = changedDuring(at, (file) => fs.chmodSync(file, 0o640), {
        ...part,
        ifMatch: await etagOf(at),
      });
      // Other parts may be of the version in ifMatch.
      await expect(stale).rejects.toMatchObject({ code: 'ESTALE' });
      const alone = await changedDuring(at, chmod, part);
      expect(alone.received.equals(bytes.subarray(1, SIZE - 1))).toBe(true);
    });

    it('is ESTALE without a checksum, which could compare the bytes', async () => {
      const at = await place();
      const changed = changedDuring(at, (file) => fs.chmodSync(file, 0o600), { checksum: 'none' });
      await expect(changed).rejects.toMatchObject({ code: 'ESTALE' });
    });

    it.each(metadataChanges)(
      '%s while the connection is lost: the download continues',
      async (_what, change) => {
        const at = await place();
        const { received, cuts } = await changedDuringCut(at, change);
        expect(received.equals(bytes)).toBe(true);
        expect(cuts.sockets).toHaveLength(2);
      },
    );

    it('while the connection is lost is ESTALE, although its time was put back', async () => {
      const at = await place();
      await expect(changedDuringCut(at, (file) => changeByte(file, 0))).rejects.toMatchObject({
        code: 'ESTALE',
      });
    });

    it.each(metadataChanges)(
      '%s between two calls: the second one resumes the part',
      async (_what, change) => {
        const at = await place();
        await cancelledDownload(at);
        change(at.remote('big'));
        const { resumedFrom, etag } = await finishedDownload(at);
        expect(resumedFrom).toBeGreaterThanOrEqual(1_000_000);
        expect(etag).toBe(await etagOf(at));
      },
    );

    it.each([0, SIZE - 1])('at byte %i between two calls is never joined with the part', async (position) => {
      const at = await place();
      await cancelledDownload(at);
      changeByte(at.remote('big'), position);
      const { resumedFrom } = await finishedDownload(at, fs.readFileSync(at.remote('big')));
      // A byte after the part makes another version that begins with the same bytes.
      expect(resumedFrom > 0).toBe(position > 0);
    });

    it('and is touched between two calls is downloaded again', async () => {
      const at = await place();
      await cancelledDownload(at);
      fs.utimesSync(at.remote('big'), MTIME, new Date(MTIME.getTime() + 1_000));
      expect((await finishedDownload(at)).resumedFrom).toBe(0);
    });

    it('gives the present etag with the result of its protocol', async () => {
      const at = await place();
      const wire = await Wire.connect(at.port);
      wire.send('hello version=1\nopen id=1 op=download path=big window=65536\n');
      await wire.line();
      const [, before] = /^accept .* etag=(\S+)/.exec((await wire.line()) ?? '') ?? [];
      fs.chmodSync(at.remote('big'), 0o600);
      wire.send(`ack id=1 offset=0 window=${SIZE}\n`);
      let line = await wire.line();
      // The server reads the file again, which takes a while.
      const keepAlive = 'ack id=1 offset=0 window=0';
      for (
        let data;
        (data = /^data id=1 length=(\d+)( checksum=\S+)?$/.exec(line ?? '')) || line === keepAlive;
      ) {
        if (data) await wire.payload(Number(data[1]));
        line = await wire.line();
      }
      const etag = await etagOf(at);
      expect(etag).not.toBe(before);
      expect(line).toMatch(new RegExp(`^result id=1 etag=${etag} bytes=${SIZE} checksum=crc32:`));
    });
  });

  describe('on the server', () => {
    /** A server whose file `big` changes after the first call that reads it or copies it. */
    async function changing(change: (file: string) => void) {
      const root = await temporaryDirectory();
      const file = path.join(root, 'big');
      fs.writeFileSync(file, bytes);
      fs.utimesSync(file, MTIME, MTIME);
      let isChanged = false;
      const once = (): void => {
        if (!isChanged) change(file);
        isChanged = true;
      };
      const calls: typeof fileCalls = {
        ...fileCalls,
        read: (...args) => fileCalls.read(...args).finally(once),
        copyFile: (...args) => fileCalls.copyFile(...args).finally(once),
      };
      const { connect } = await serve({ storage: new DirectoryStorage(root, {}, { calls }) });
      return { file, client: connect(), copy: path.join(root, 'copy') };
    }

    it.each(metadataChanges.slice(0, 5))(
      '%s: its checksum is computed, and it is copied',
      async (_what, change) => {
        const one = await changing(change);
        expect(await one.client.checksum('big', 'crc32')).toBe(checksumOf(bytes));
        const other = await changing(change);
        await other.client.copy('big', 'copy');
        expect(fs.readFileSync(other.copy).equals(bytes)).toBe(true);
      },
    );

    it('during its checksum or its copy is ESTALE, although its time was put back', async () => {
      const one = await changing((file) => changeByte(file, 0));
      await expect(one.client.checksum('big')).rejects.toMatchObject({ code: 'ESTALE' });
      const other = await changing((file) => changeByte(file, 0));
      await expect(other.client.copy('big', 'copy')).rejects.toMatchObject({ code: 'ESTALE' });
      expect(fs.existsSync(other.copy)).toBe(false);
    });

    it.each(metadataChanges)('%s: the append that has begun is stored', async (_what, change) => {
      const at = await place();
      await appended(at, change);
      expect(fs.readFileSync(at.remote('big')).equals(Buffer.concat([bytes, Buffer.from('more')]))).toBe(
        true,
      );
    });

    it('during an append is ESTALE, although its time was put back', async () => {
      const at = await place();
      const append = appended(at, (file) => changeByte(file, 5));
      await expect(append).rejects.toMatchObject({ code: 'ESTALE' });
      expect(fs.statSync(at.remote('big')).size).toBe(SIZE);
    });
  });

  describe('of an upload', () => {
    it.each(metadataChanges)('%s: the upload is stored', async (_what, change) => {
      const at = await place({});
      await uploadedDuring(at, change);
      expect(fs.readFileSync(at.remote('big')).equals(bytes)).toBe(true);
    });

    it('is ESTALE if its bytes were sent already, although its time was put back', async () => {
      const at = await place({});
      const upload = uploadedDuring(at, (file) => changeByte(file, 0));
      await expect(upload).rejects.toMatchObject({ code: 'ESTALE', operation: 'upload', path: 'big' });
      expect(fs.existsSync(at.remote('big'))).toBe(false);
    });
  });
});

/** Downloads `big` over a connection that is cut after the first piece, when it changes, too. */
async function changedDuringCut(
  at: Place,
  change: (file: string) => void,
): Promise<{ received: Buffer; cuts: Cuts }> {
  const cuts = new Cuts(at.port);
  const client = at.connect({ port: undefined, connect: cuts.connect });
  const pieces: Buffer[] = [];
  for await (const piece of client.download('big') as AsyncIterable<Buffer>) {
    if (pieces.length === 0) {
      change(at.remote('big'));
      cuts.now();
    }
    pieces.push(piece);
  }
  return { received: Buffer.concat(pieces), cuts };
}

/** Appends to `big`, which changes before the end of the append. */
async function appended(at: Place, change: (file: string) => void): Promise<void> {
  const append = at.connect().append('big');
  append.on('error', () => undefined);
  append.write('mo');
  // Written after the server has copied the file.
  await until(() => largestBeside(at, 'big') >= SIZE + 2);
  change(at.remote('big'));
  append.end('re');
  await append.completed;
}

/** The size of the largest file on the server except one. */
function largestBeside(at: Place, name: string): number {
  const root = at.remote('');
  const names = fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((other) => other !== name);
  return Math.max(0, ...names.map((other) => fs.statSync(path.join(root, other)).size));
}

/** Uploads a local file, which changes after the first bytes were sent. */
async function uploadedDuring(at: Place, change: (file: string) => void): Promise<void> {
  const file = at.local('source');
  fs.writeFileSync(file, bytes);
  fs.utimesSync(file, MTIME, MTIME);
  let isChanged = false;
  const onProgress = ({ bytes: sent }: Progress): void => {
    if (sent === 0 || isChanged) return;
    isChanged = true;
    change(file);
  };
  await at.connect().uploadFile(file, 'big', { onProgress });
}
