/** Tokens as a server keeps them: digests, which tell nobody the token. */
import { createHash, createHmac, randomBytes } from 'node:crypto';

/** Characters of a token, at least: a digest is quick to make, so a token must be too long to be guessed. */
const MIN_TOKEN_LENGTH = 16;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * The digest of a token, for a table of users: `sha256:` and 64 hexadecimal digits. A token must be random, such as
 * `randomBytes(32).toString('base64url')`: what a person has thought of belongs into `hashPassword`.
 *
 * @throws TypeError if the token has less than 16 characters
 */
export function hashToken(token: string): string {
  if (typeof token !== 'string' || token.length < MIN_TOKEN_LENGTH) {
    throw new TypeError(`A token must be a text of at least ${MIN_TOKEN_LENGTH} characters, made at random.`);
  }
  return digestOf(token);
}

/** Whether a value is what `hashToken` gives. */
export function isTokenDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}

/** Whose token is whose. How long a search takes says nothing about the digests that are there. */
export class TokenOwners<Owner> {
  // What is looked up depends on a secret of this process, so nobody can choose texts that are nearly alike.
  readonly #secret = randomBytes(32);
  readonly #owners = new Map<string, Owner>();

  /** Adds a digest. False if it is there already. */
  add(digest: string, owner: Owner): boolean {
    const key = this.#keyOf(digest);
    if (this.#owners.has(key)) return false;
    this.#owners.set(key, owner);
    return true;
  }

  /** Who owns a token. */
  find(token: string): Owner | undefined {
    return this.#owners.get(this.#keyOf(digestOf(token)));
  }

  #keyOf(digest: string): string {
    return createHmac('sha256', this.#secret).update(digest).digest('base64');
  }
}

function digestOf(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}
