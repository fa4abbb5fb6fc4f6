/** Tokens as a server stores them: as digests, from which a token cannot be recovered. */
import { createHash } from 'node:crypto';

/** A digest is fast to compute, so a shorter token could be guessed. */
const MIN_TOKEN_LENGTH = 16;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * The digest of a token, for a table of users: `sha256:` and 64 hexadecimal digits. A token must be random, such as
 * `randomBytes(32).toString('base64url')`. For a password that a person has chosen, use `hashPassword`.
 *
 * @throws TypeError if the token has less than 16 characters
 */
export function hashToken(token: string): string {
  if (typeof token === 'string' && token.length >= MIN_TOKEN_LENGTH) return digestOf(token);
  const got = typeof token === 'string' ? `${token.length} characters` : typeof token;
  throw new TypeError(
    `A token must be a random string of ${MIN_TOKEN_LENGTH} characters or more, not ${got}.`,
  );
}

/** As `hashToken`, for a token of a client, which may have any length. */
export function digestOf(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}

/** Whether a value has the form of a digest. */
export function isTokenDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}
