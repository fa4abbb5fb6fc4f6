/**
 * The text that is kept of a password, in the PHC string format: how it was made, and what came out.
 *
 *     $scrypt$ln=17,r=8,p=1$<salt>$<key>      in Base64 without `=`; the cost is 2 to the power of `ln`
 */
import { randomBytes } from 'node:crypto';

/** How much work a hash is, in scrypt's words: it takes 128 * cost * blockSize bytes of memory. */
export interface ScryptWork {
  /** N, a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
}

/** What a text of the format says. */
export interface PasswordHash extends ScryptWork {
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** Bytes of the salts and keys that are made here. */
export const SALT_BYTES = 16;
export const KEY_BYTES = 32;

/** Bytes of memory that one hash may take: what says more was not written by a friend. */
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;

/** Times the default's work, which is 2^20. */
const MAX_WORK = 2 ** 23;

const MIN_COST = 2 ** 10;
const MAX_BLOCK_SIZE = 32;
const MAX_PARALLELIZATION = 16;

const FORMAT =
  /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** What a text says; undefined if it is not of the format, or if it asks for more work than anybody may. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, ln, r, p, saltText = '', keyText = ''] = FORMAT.exec(text) ?? [];
  const work = { cost: 2 ** Number(ln), blockSize: Number(r), parallelization: Number(p) };
  const salt = fromBase64(saltText);
  const key = fromBase64(keyText);
  return isAffordable(work) && salt && key ? { ...work, salt, key } : undefined;
}

/** The text of a hash. */
export function formatPasswordHash({ cost, blockSize, parallelization, salt, key }: PasswordHash): string {
  const work = `ln=${Math.log2(cost)},r=${blockSize},p=${parallelization}`;
  return `$scrypt$${work}$${toBase64(salt)}$${toBase64(key)}`;
}

/** Whether it is work that may be asked for: neither next to none, nor more than a server can bear. */
export function isAffordable({ cost, blockSize, parallelization }: ScryptWork): boolean {
  return (
    Number.isInteger(Math.log2(cost)) &&
    cost >= MIN_COST &&
    isWithin(blockSize, MAX_BLOCK_SIZE) &&
    isWithin(parallelization, MAX_PARALLELIZATION) &&
    128 * cost * blockSize <= MAX_MEMORY_BYTES &&
    cost * blockSize * parallelization <= MAX_WORK
  );
}

/** A hash that is as much work as another one, and of no password. */
export function decoyOf(hash: string): string {
  const parsed = parsePasswordHash(hash);
  if (!parsed) throw new TypeError('A decoy needs a hash.');
  return formatPasswordHash({ ...parsed, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) });
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** The bytes of a text; undefined for a text that is not the one way to write them. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return toBase64(bytes) === text ? bytes : undefined;
}
