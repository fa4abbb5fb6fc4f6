/**
 * Passwords as a server keeps them: never themselves, only what scrypt makes of them, which takes a thief a third of a
 * second and 128 MiB to try out for each guess.
 *
 *     password -> NFKC -> scrypt(salt) -> $scrypt$ln=17,r=8,p=1$salt$key
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { isFieldText } from '../../protocol/fields.js';
import { rejectUnknownOptions } from '../../options/option.js';
import {
  formatPasswordHash,
  isAffordable,
  KEY_BYTES,
  parsePasswordHash,
  SALT_BYTES,
  type ScryptWork,
} from './password-hash.js';
import { Semaphore } from './semaphore.js';

/** How much work it is to check a password, in the words of Node's `crypto.scrypt`. */
export interface PasswordHashOptions {
  /** A power of two from 1,024. A check takes 128 * cost * blockSize bytes, at most 256 MiB. Default 131,072. */
  cost?: number | undefined;
  /** 1 to 32. Default 8. */
  blockSize?: number | undefined;
  /** 1 to 16. Default 1. */
  parallelization?: number | undefined;
}

/** What OWASP advises. */
const DEFAULT_WORK: ScryptWork = { cost: 2 ** 17, blockSize: 8, parallelization: 1 };

/** Characters of a password: more than anybody types, and few enough for a `hello`. */
const MAX_PASSWORD_LENGTH = 1_024;

/** Two checks leave half of the thread pool to files, and take 256 MiB; those that wait are served in some seconds. */
const checks = new Semaphore({ running: 2, waiting: 64 });

/** New hashes are the program's own wish: all of them are made, one after the other. */
const hashings = new Semaphore({ running: 1, waiting: Infinity });

/**
 * The hash of a password, for a table of users: a text in the PHC string format, which says how it was made. Two hashes
 * of one password differ. What can be typed in several ways, such as letters with accents, counts as the same (NFKC).
 *
 * @throws TypeError if the password is empty, has more than 1,024 characters, or has control characters, which no client
 * sends; or if an option is wrong
 */
export async function hashPassword(password: string, options: PasswordHashOptions = {}): Promise<string> {
  if (!isPassword(password)) {
    throw new TypeError(
      `A password must be a text of 1 to ${MAX_PASSWORD_LENGTH} characters, without control characters such as a line end.`,
    );
  }
  const work = workOf(options);
  const salt = randomBytes(SALT_BYTES);
  const key = await hashings.run(() => derive(password, { ...work, salt, keyBytes: KEY_BYTES }));
  return formatPasswordHash({ ...work, salt, key });
}

/**
 * Whether a password is the one of a hash. False, too, for an empty password, and for a hash that is none. Two checks
 * run at once, of all that a program asks for, and 64 wait.
 *
 * @throws TransferError EAGAIN if more of them wait already
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (!isPassword(password) || typeof hash !== 'string') return false;
  const parsed = parsePasswordHash(hash);
  if (!parsed) return false;
  const { key, ...how } = parsed;
  return checks.run(async () =>
    timingSafeEqual(await derive(password, { ...how, keyBytes: key.length }), key),
  );
}

// A program in JavaScript, or a file of its users, may hold anything.
function isPassword(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= MAX_PASSWORD_LENGTH && isFieldText(value)
  );
}

function workOf(options: PasswordHashOptions): ScryptWork {
  rejectUnknownOptions('hashPassword', options, ['cost', 'blockSize', 'parallelization']);
  const {
    cost = DEFAULT_WORK.cost,
    blockSize = DEFAULT_WORK.blockSize,
    parallelization = DEFAULT_WORK.parallelization,
  } = options;
  if (isAffordable({ cost, blockSize, parallelization })) return { cost, blockSize, parallelization };
  throw new TypeError(
    'The options cost, blockSize and parallelization of hashPassword are out of bounds: the cost is a power of two ' +
      'from 1024, cost * blockSize is at most 2097152, and eight times the work of the default is the most.',
  );
}

interface Derivation extends ScryptWork {
  readonly salt: Buffer;
  readonly keyBytes: number;
}

function derive(password: string, { salt, keyBytes, ...work }: Derivation): Promise<Buffer> {
  const { cost, blockSize, parallelization } = work;
  // Node refuses what takes more than this, which is all that scrypt keeps.
  const maxmem = 128 * blockSize * (cost + parallelization + 2);
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, { ...work, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
