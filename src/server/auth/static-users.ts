/**
 * `staticUsers`: an `authenticate` for a table of users. Every check of a password costs the same work, whether the
 * user exists or not.
 *
 *     Credentials -> password: verifyPassword(hash of that user, or a dummy hash)
 *                 -> token: user with its digest                                   -> all of them the same user?
 *                 -> neither: user with the certificate's fingerprint
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Authenticate, Identity, Credentials } from '../identity.js';
import { digestOf } from './hash-token.js';
import { dummyHashLike } from './password-hash.js';
import { PasswordChecks } from './password-checks.js';
import { parseUserRecord, type CheckedUser, type UserRecord } from './user-record.js';

/**
 * Authenticates the users of a table, by name. The table is copied. For a table that changes, call `staticUsers` again
 * and pass a function that calls the latest result.
 *
 * A login must prove the same user by everything that it contains: password, token, or both. A login with neither may
 * prove a user by the certificate of its TLS connection.
 *
 * @example
 * ```ts
 * const authenticate = staticUsers({ ann: { password: await hashPassword(secret), permissions: ['read', 'list'] } });
 * ```
 * @throws TypeError if the table is wrong, above all if it contains a plain password or token
 */
export function staticUsers(table: Readonly<Record<string, UserRecord>>): Authenticate {
  if (typeof table !== 'object' || (table as unknown) === null) {
    throw new TypeError('The table of users must be an object.');
  }
  const users = new Users(Object.entries(table).map(([name, user]) => parseUserRecord(name, user)));
  return (credentials) => users.identify(credentials);
}

class Users {
  readonly #byName = new Map<string, CheckedUser>();
  readonly #byToken = new Map<string, CheckedUser>();
  readonly #byCertificate = new Map<string, CheckedUser>();
  readonly #dummyHashes: readonly string[];
  readonly #secret = randomBytes(32);
  readonly #checks = new PasswordChecks();

  constructor(users: readonly CheckedUser[]) {
    for (const user of users) this.#add(user);
    this.#dummyHashes = users.flatMap(({ password }) =>
      password === undefined ? [] : [dummyHashLike(password)],
    );
  }

  async identify({
    user: name,
    password,
    token,
    certificate,
    signal,
  }: Credentials): Promise<Identity | undefined> {
    const proven: (CheckedUser | undefined)[] = [];
    if (password !== undefined) proven.push(await this.#byPassword(name ?? '', password, signal));
    if (token !== undefined) proven.push(this.#byToken.get(this.#tokenKey(digestOf(token))));
    if (proven.length === 0) proven.push(this.#byCertificate.get(certificate?.fingerprint256 ?? ''));
    const [first] = proven;
    if (!first || proven.some((user) => user !== first)) return undefined;
    return name === undefined || name === first.identity.name ? first.identity : undefined;
  }

  #add(user: CheckedUser): void {
    const { name } = user.identity;
    this.#byName.set(name, user);
    for (const digest of user.tokens) {
      const key = this.#tokenKey(digest);
      if (this.#byToken.has(key)) throw new TypeError(`A token of the user '${name}' is in the table twice.`);
      this.#byToken.set(key, user);
    }
    if (user.certificate === undefined) return;
    if (this.#byCertificate.has(user.certificate)) {
      throw new TypeError(`The certificate of the user '${name}' also belongs to another user.`);
    }
    this.#byCertificate.set(user.certificate, user);
  }

  async #byPassword(
    name: string,
    password: string,
    signal: AbortSignal | undefined,
  ): Promise<CheckedUser | undefined> {
    const user = this.#byName.get(name);
    const hash = user?.password ?? this.#dummyHashFor(name);
    const isRight = hash !== undefined && (await this.#checks.verify(name, { password, hash, signal }));
    return isRight && user?.password === hash ? user : undefined;
  }

  /**
   * The hash to check for a name without a password, so that the time of a check does not tell which users exist. Always
   * the same one for a name, with the work of some user's hash. Undefined if no user has a password.
   */
  #dummyHashFor(name: string): string | undefined {
    const number = createHmac('sha256', this.#secret).update(name).digest().readUInt32BE();
    return this.#dummyHashes[number % this.#dummyHashes.length];
  }

  /** A key that depends on a secret: the time of a look-up tells nothing about the digests in the table. */
  #tokenKey(digest: string): string {
    return createHmac('sha256', this.#secret).update(digest).digest('base64');
  }
}
