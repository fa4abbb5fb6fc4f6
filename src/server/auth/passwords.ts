/**
 * Hashing and checking of passwords with scrypt. With the default parameters one check takes about 40 ms and 16 MiB, as
 * does each guess of an attacker with stolen hashes.
 *
 *     password -> NFKC -> scrypt(salt) -> $scrypt$ln=14,r=8,p=1$salt$key
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { isFieldText } from '../../protocol/fields.js';
import { rejectUnknownOptions } from '../../options/option.js';
import {
  formatPasswordHash,
  isWithinBounds,
  KEY_BYTES,
  parsePasswordHash,
  SALT_BYTES,
  type ScryptWork,
} from './password-hash.js';
import { MAX_CHECK_WAIT_MS, Semaphore } from './semaphore.js';

/** The work of one password check: the parameters of Node's `crypto.scrypt`. */
export interface PasswordHashOptions {
  /** A power of two, 1,024 or more. A check takes 128 * cost * blockSize bytes, at most 256 MiB. Default 16,384. */
  cost?: number | undefined;
  /** 1 to 32. Default 8. */
  blockSize?: number | undefined;
  /** 1 to 16. Default 1. */
  parallelization?: number | undefined;
}

/**
 * The parameters of Node and of the authors of scrypt for logins. OWASP recommends eight times the work, 2^17: then all
 * users of a server that was restarted could not log in again within half a minute.
 */
const DEFAULT_WORK: ScryptWork = { cost: 2 ** 14, blockSize: 8, parallelization: 1 };

/** In characters; fits in a `hello`. */
const MAX_PASSWORD_LENGTH = 1_024;

/** Two checks leave half of the thread pool to file calls. */
const checks = new Semaphore({ running: 2, waitMs: MAX_CHECK_WAIT_MS });

/** The program itself asks for new hashes: none is rejected. */
const hashings = new Semaphore({ running: 1 });

/**
 * The hash of a password, for a table of users, in the PHC string format. The salt is random: two hashes of one password
 * differ. Different encodings of the same characters, such as letters with accents, count as equal (NFKC).
 *
 * @throws TypeError if the password is empty, has more than 1,024 characters, or contains control characters, which no
 * client sends; or if an option is wrong
 */
export async function hashPassword(password: string, options: PasswordHashOptions = {}): Promise<string> {
  if (!isPassword(password)) {
    throw new TypeError(
      `A password must be a string of 1 to ${MAX_PASSWORD_LENGTH} characters, without control characters such as a newline.`,
    );
  }
  const work = workOf(options);
  const salt = randomBytes(SALT_BYTES);
  const key = await hashings.run(() => derive(password, { ...work, salt, keyBytes: KEY_BYTES }));
  return formatPasswordHash({ ...work, salt, key });
}

/**
 * Whether a password matches a hash. False for an empty password, and for a malformed hash. At most two checks of the
 * process run at once. While the check waits for others, `signal` ends it; then the promise rejects with the signal's reason.
 *
 * @throws TransferError EAGAIN, with `retryAfterMs`, if the check would wait for more than 5 s for others
 */
export async function verifyPassword(
  password: string,
  hash: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  if (!isPassword(password) || typeof hash !== 'string') return false;
  const parsed = parsePasswordHash(hash);
  if (!parsed) return false;
  const { key, ...work } = parsed;
  return checks.run(
    async () => timingSafeEqual(await derive(password, { ...work, keyBytes: key.length }), key),
    signal,
  );
}

// A program in JavaScript may pass any value.
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
  if (isWithinBounds({ cost, blockSize, parallelization })) return { cost, blockSize, parallelization };
  throw new TypeError(
    `hashPassword needs a cost that is a power of two from 1024, cost * blockSize up to 2097152, and cost * blockSize * ` +
      `parallelization up to 8388608, not cost ${cost}, blockSize ${blockSize}, parallelization ${parallelization}.`,
  );
}

interface Derivation extends ScryptWork {
  readonly salt: Buffer;
  readonly keyBytes: number;
}

function derive(password: string, { salt, keyBytes, ...work }: Derivation): Promise<Buffer> {
  const { cost, blockSize, parallelization } = work;
  // The memory that scrypt needs for these parameters; the default limit of Node is lower.
  const maxmem = 128 * blockSize * (cost + parallelization + 2);
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keyBytes, { ...work, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
