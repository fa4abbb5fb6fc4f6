/**
 * The format of a stored password hash: PHC string format, with the parameters of scrypt and its result.
 *
 *     $scrypt$ln=14,r=8,p=1$<salt>$<key>      Base64 without `=`; the cost is 2 to the power of `ln`
 */
import { randomBytes } from 'node:crypto';

/** The parameters of scrypt. A hash takes 128 * cost * blockSize bytes of memory. */
export interface ScryptWork {
  /** N, a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
}

export interface PasswordHash extends ScryptWork {
  readonly salt: Buffer;
  readonly key: Buffer;
}

export const SALT_BYTES = 16;
export const KEY_BYTES = 32;

/** Bounds the memory of one check, whatever the parameters in a table of users are. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** 64 times the work of the default, 2^17. */
const MAX_WORK = 2 ** 23;

const MIN_COST = 2 ** 10;
const MAX_BLOCK_SIZE = 32;
const MAX_PARALLELIZATION = 16;

const FORMAT =
  /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Parses a hash; undefined if the format is wrong, or the work is out of bounds. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, ln, r, p, saltText = '', keyText = ''] = FORMAT.exec(text) ?? [];
  const work = { cost: 2 ** Number(ln), blockSize: Number(r), parallelization: Number(p) };
  const salt = fromBase64(saltText);
  const key = fromBase64(keyText);
  return isWithinBounds(work) && salt && key ? { ...work, salt, key } : undefined;
}

export function formatPasswordHash({ cost, blockSize, parallelization, salt, key }: PasswordHash): string {
  const work = `ln=${Math.log2(cost)},r=${blockSize},p=${parallelization}`;
  return `$scrypt$${work}$${toBase64(salt)}$${toBase64(key)}`;
}

/** Whether the work is within bounds: not so little that a hash is weak, nor so much that a check blocks a server. */
export function isWithinBounds({ cost, blockSize, parallelization }: ScryptWork): boolean {
  return (
    Number.isInteger(Math.log2(cost)) &&
    cost >= MIN_COST &&
    isWithin(blockSize, MAX_BLOCK_SIZE) &&
    isWithin(parallelization, MAX_PARALLELIZATION) &&
    128 * cost * blockSize <= MAX_MEMORY_BYTES &&
    cost * blockSize * parallelization <= MAX_WORK
  );
}

/** A hash of no password, whose check costs the same work as that of another hash. */
export function dummyHashLike(hash: string): string {
  const parsed = parsePasswordHash(hash);
  if (!parsed) throw new TypeError('A dummy hash needs a valid hash.');
  return formatPasswordHash({ ...parsed, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) });
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Undefined for a text that is not the canonical Base64 of its bytes. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return toBase64(bytes) === text ? bytes : undefined;
}
