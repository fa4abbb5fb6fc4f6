/** Answers of a server about a known upload, and their effect on the upload of a local file. */
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileClient, type FileClientOptions, type UploadFileOptions } from '../../../src/index.js';
import { answering } from '../../support/servers/answering.js';
import { bytes, MTIME, SIZE } from '../../support/local-files/local-place.js';
import { temporaryDirectory } from '../../support/servers/serve.js';
import { until } from '../../support/until.js';

const CHECKSUM = `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
const STORED = `result id=ID path=big kind=file size=${SIZE} mtime=1 etag=v1 bytes=${SIZE} checksum=`;

function clientOf(port: number, options: FileClientOptions = {}): FileClient {
  const client = new FileClient({ port, codec: 'text', ...options });
  onTestFinished(() => client.destroy());
  return client;
}

async function makeSource(): Promise<string> {
  const source = path.join(await temporaryDirectory(), 'source');
  await fs.writeFile(source, bytes);
  await fs.utimes(source, MTIME, MTIME);
  return source;
}

async function uploadTo(answers: readonly string[]) {
  const { port, opens, ends } = await answering({ opens: answers, end: `${STORED}${CHECKSUM}\n` });
  const [outcome] = await Promise.allSettled([clientOf(port).uploadFile(await makeSource(), 'big')]);
  return { outcome, opens, end: ends[0] };
}

/** The id under which a source is uploaded. */
async function idOf(source: string, name = 'big', options: UploadFileOptions & FileClientOptions = {}) {
  const { checksum, ...rest } = options;
  const { port, opens } = await answering({ opens: [error('EACCES')] });
  const upload = clientOf(port, { checksum }).uploadFile(source, name, rest);
  await expect(upload).rejects.toMatchObject({ code: 'EACCES' });
  return idIn(opens[0]);
}

function idIn(open = ''): string | undefined {
  return /upload=([0-9a-f]{32})[ \n]/.exec(open)?.[1];
}

const from = (offset: number): string =>
  `accept id=ID path=big offset=${offset} window=9000000 checksum=crc32\n`;
const narrow = from(0).replace('9000000', '100000');
const error = (code: string): string => `error id=ID code=${code} retryable=false\n`;
/** The error of a server that has waited too long for bytes. */
const stalled = 'error id=ID code=ETIMEDOUT\n';

const stored = { status: 'fulfilled', value: { size: SIZE, checksum: CHECKSUM } };

describe('uploadFile', () => {
  it.each([0, 1, 300_000, SIZE - 1, SIZE])('resumes at byte %i of its file', async (offset) => {
    const { outcome, end } = await uploadTo([from(offset)]);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: offset } });
    // Over all bytes, including those that were not sent.
    expect(end).toContain(`size=${SIZE} checksum=${CHECKSUM}`);
  });

  it('accepts a stored result if the checksum matches', async () => {
    const { outcome, opens, end } = await uploadTo([`${STORED}${CHECKSUM}\n`]);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: SIZE } });
    expect(opens).toHaveLength(1);
    expect(end).toBeUndefined();
  });

  it('is EBADMSG if the server has stored other bytes', async () => {
    const { outcome } = await uploadTo([`${STORED}crc32:00000000\n`]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'EBADMSG', path: 'big' } });
  });

  it('is EPROTO if the server has more bytes than the file', async () => {
    const { outcome } = await uploadTo([from(SIZE + 1)]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'EPROTO' } });
  });

  it('restarts under the same id when the server has lost its bytes', async () => {
    const { outcome, opens } = await uploadTo([error('EGONE'), from(0)]);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: 0 } });
    const ids = opens.map(idIn);
    expect(ids[0]).toBeDefined();
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  it('restarts only once', async () => {
    const { outcome, opens } = await uploadTo([error('EGONE'), error('EGONE'), from(0)]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'EGONE' } });
    expect(opens).toHaveLength(2);
  });

  it('continues when hashing took longer than the server waits, and hashes nothing twice', async () => {
    const late = from(1_000_000) + stalled;
    const { outcome, end } = await uploadTo([late, late, from(1_000_000)]);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: 1_000_000 } });
    expect(end).toContain(`size=${SIZE} checksum=${CHECKSUM}`);
  });

  it('restarts when hashing took longer than the server keeps its bytes', async () => {
    const { outcome, end } = await uploadTo([from(1_000_000) + stalled, from(100), from(100)]);
    expect(outcome).toMatchObject({ ...stored, value: { resumedFrom: 100 } });
    expect(end).toContain(`size=${SIZE} checksum=${CHECKSUM}`);
  });

  it('does not repeat the request when the server says that it would not help', async () => {
    const { port, opens } = await answering({ opens: [narrow], data: error('ETIMEDOUT') });
    const upload = clientOf(port).uploadFile(await makeSource(), 'big');
    await expect(upload).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(opens).toHaveLength(1);
  });

  it('reads no more than the server accepts', async () => {
    const { port, data } = await answering({ opens: [narrow] });
    const source = await makeSource();
    const client = clientOf(port);
    let told = 0;
    const upload = client.uploadFile(source, 'big', { onProgress: ({ bytes: now }) => void (told = now) });
    await until(() => data.length > 0);
    // Long enough to read all of it.
    for (let times = 0; times < 5; times += 1) {
      for await (const piece of createReadStream(source)) expect(piece).toBeDefined();
    }
    expect(told).toBeLessThan(1_000_000);
    client.destroy();
    await expect(upload).rejects.toMatchObject({ code: 'ESHUTDOWN' });
  });
});

describe('the id of an upload', () => {
  it('is the same for the same source and target, on every code path', async () => {
    const source = await makeSource();
    const link = `${source}-link`;
    await fs.symlink(source, link);
    const relative = path.relative(process.cwd(), source);
    const ids = await Promise.all([source, link, relative].map((way) => idOf(way)));
    expect(ids[0]).toBeDefined();
    expect(new Set(ids).size).toBe(1);
    expect(await idOf(source, '/big', { overwrite: true, preserveTimestamps: true })).toBe(ids[0]);
  });

  it('differs for other content, options or targets', async () => {
    const source = await makeSource();
    const ids = [
      await idOf(source),
      await idOf(await makeSource()),
      await idOf(source, 'other'),
      await idOf(source, 'big', { overwrite: false }),
      await idOf(source, 'big', { ifMatch: 'v1' }),
      await idOf(source, 'big', { preserveTimestamps: false }),
      await idOf(source, 'big', { mtime: new Date(5) }),
      await idOf(source, 'big', { checksum: 'sha256' }),
    ];
    await fs.utimes(source, 5, 5);
    ids.push(await idOf(source));
    await fs.appendFile(source, 'more');
    await fs.utimes(source, 5, 5);
    ids.push(await idOf(source));
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
