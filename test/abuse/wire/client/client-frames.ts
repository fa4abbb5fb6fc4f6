/** The frames of a correct server, of which abuse is made. */
import { crc32 } from 'node:zlib';
import type { CodecName } from '../../../../src/index.js';
import { hears, type Step } from '../abuse-case.js';
import { bytesOf } from '../frames/loose-encoder.js';
import { data, frame, type Bytes, type LooseFrame, type Value, type Word } from '../frames/loose-frame.js';
import { CONTENT, CONTENT_SUM, MTIME } from './client-requests.js';

type Fields = Readonly<Record<string, Value | undefined>>;

const FILE = { kind: 'file', size: 5, mtime: MTIME, etag: 'v1' } as const;

export const WELCOME = frame('welcome', { version: 1, maxFrame: 65_536, maxChannels: 64 });
export const ASKED = hears('open', 1);
/** The client is welcome, and has asked for something. */
export const BEGUN: readonly Step[] = [WELCOME, ASKED];

/** Answers to a download, right but for these fields. */
export const served = (fields: Fields = {}): LooseFrame =>
  frame('accept', { id: 1, path: 'x', offset: 0, ...FILE, checksum: 'crc32', ...fields });
export const CONTENT_DATA = data(1, CONTENT);
export const sent = (fields: Fields = {}): LooseFrame =>
  frame('result', { id: 1, bytes: 5, checksum: CONTENT_SUM, ...fields });

/** Answers to an upload. */
export const taken = (fields: Fields = {}): LooseFrame =>
  frame('accept', { id: 1, path: 'x', checksum: 'crc32', window: 2_097_152, ...fields });
export const stored = (fields: Fields = {}): LooseFrame =>
  frame('result', { id: 1, path: 'x', ...FILE, bytes: 5, checksum: CONTENT_SUM, ...fields });

/** Answers to a stream method, right but for these fields. */
export const opened = (fields: Fields = {}): LooseFrame =>
  frame('accept', { id: 1, checksum: 'crc32', window: 65_536, ...fields });
export const CONTENT_END = frame('end', { id: 1, size: 5, checksum: CONTENT_SUM });
export const output = frame('result', { id: 1, value: '1' });

/** The answer to `stat`. */
export const found = (fields: Fields = {}): LooseFrame =>
  frame('result', { id: 1, path: 'x', ...FILE, ...fields });

export const entry = (fields: Fields = {}): LooseFrame =>
  frame('entry', { path: 'docs/a', ...FILE, ...fields });

/** The bytes of a body that consists of these words. */
export const bodyOf = (words: readonly Word[], codec: CodecName): Buffer =>
  Buffer.concat(words.map((word) => bytesOf(word, codec)));

/** The checksum of such a body. */
export const sumOf = (bytes: Uint8Array | string): string =>
  `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;

/** Such a body in data frames. */
export const inFrames =
  (words: readonly Word[]): Bytes =>
  (codec) => {
    const bytes = bodyOf(words, codec);
    const frames: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 65_536) {
      frames.push(bytesOf(data(1, bytes.subarray(at, at + 65_536)), codec));
    }
    return Buffer.concat(frames);
  };

/** A whole listing: its body is these words, however wrong, and its sum is right. */
export function listing(...words: readonly Word[]): Step[] {
  const result: Bytes = (codec) => {
    const bytes = bodyOf(words, codec);
    return bytesOf(frame('result', { id: 1, bytes: bytes.length, checksum: sumOf(bytes) }), codec);
  };
  const accept = frame('accept', { id: 1, path: 'docs', kind: 'directory', checksum: 'crc32' });
  return [...BEGUN, accept, inFrames(words), result];
}
