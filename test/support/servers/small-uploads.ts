/** A small local file, and servers that answer its upload as the test scripts it. */
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { FileClient, type FileClientOptions, type UploadFileOptions } from '../../../src/index.js';
import { answering } from './answering.js';
import { bytesOf } from '../bytes.js';
import { temporaryDirectory } from './serve.js';

export const SIZE = 10_000;
export const bytes = bytesOf(SIZE);
export const CHECKSUM = `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
export const STORED = `result id=ID path=small kind=file size=${SIZE} mtime=1 etag=v1 bytes=${SIZE} checksum=`;

/** The `accept` of an `open` without `offset`. */
export const ACCEPTED = 'accept id=ID path=small window=100000 checksum=crc32\n';

/** The `accept` of an `open` with `offset`. */
export const from = (offset: number): string =>
  `accept id=ID path=small offset=${offset} window=100000 checksum=crc32\n`;

export async function makeSource(data: Uint8Array = bytes): Promise<string> {
  const source = path.join(await temporaryDirectory(), 'source');
  fs.writeFileSync(source, data);
  return source;
}

export function clientOf(port: number, options: FileClientOptions = {}): FileClient {
  const client = new FileClient({ port, codec: 'text', ...options });
  onTestFinished(() => client.destroy());
  return client;
}

/** The outcome of an upload with these answers, and the input of the server. */
export async function uploadTo(
  opens: readonly string[],
  { end = `${STORED}${CHECKSUM}\n`, ...options }: UploadFileOptions & { end?: string } = {},
) {
  const heard = await answering({ opens, end });
  const [outcome] = await Promise.allSettled([
    clientOf(heard.port).uploadFile(await makeSource(), 'small', options),
  ]);
  return { ...heard, outcome };
}

export const stored = { status: 'fulfilled', value: { size: SIZE, checksum: CHECKSUM } };
export const refused = (code: string) => ({
  status: 'rejected',
  reason: { code, operation: 'upload', path: 'small' },
});
