/**
 * Known users: an `authenticate` for a table of them. Whatever is wrong with a login, it takes the same work to find out.
 *
 *     login -> password: the hash of that name, or a decoy -> scrypt
 *           -> token: whose digest is it?                            -> all that was said must be of one user
 *           -> neither: whose certificate is it?
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Authenticate, Identity, Credentials } from '../identity.js';
import { checkKnownUser, type CheckedUser, type UserRecord } from './user-record.js';
import { decoyOf } from './password-hash.js';
import { verifyPassword } from './passwords.js';
import { TokenOwners } from './token-owners.js';

/**
 * Lets in the users of a table, by name. The table is copied: for one that changes, call this again and let a function
 * of your own ask the latest.
 *
 * A login must prove to be one user by everything that it says: password, token, or both. If it says neither, it may
 * prove so by the certificate of its TLS connection.
 *
 * @example
 * ```ts
 * const authenticate = staticUsers({ ann: { password: await hashPassword(secret), permissions: ['read', 'list'] } });
 * ```
 * @throws TypeError if the table is wrong, above all if a password or a token stands in it as it is
 */
export function staticUsers(table: Readonly<Record<string, UserRecord>>): Authenticate {
  if (typeof table !== 'object' || (table as unknown) === null) {
    throw new TypeError('The table of users must be an object.');
  }
  const users = new Users(Object.entries(table).map(([name, user]) => checkKnownUser(name, user)));
  return (login) => users.identify(login);
}

class Users {
  readonly #byName = new Map<string, CheckedUser>();
  readonly #byToken = new TokenOwners<CheckedUser>();
  readonly #byCertificate = new Map<string, CheckedUser>();
  readonly #decoys: readonly string[];
  readonly #secret = randomBytes(32);

  constructor(users: readonly CheckedUser[]) {
    for (const user of users) this.#add(user);
    this.#decoys = users.flatMap(({ password }) => (password === undefined ? [] : [decoyOf(password)]));
  }

  async identify({ user: name, password, token, certificate }: Credentials): Promise<Identity | undefined> {
    const proven: (CheckedUser | undefined)[] = [];
    if (password !== undefined) proven.push(await this.#byPassword(name ?? '', password));
    if (token !== undefined) proven.push(this.#byToken.find(token));
    if (proven.length === 0) proven.push(this.#byCertificate.get(certificate?.fingerprint256 ?? ''));
    const [first] = proven;
    if (!first || proven.some((user) => user !== first)) return undefined;
    return name === undefined || name === first.identity.name ? first.identity : undefined;
  }

  #add(user: CheckedUser): void {
    const { name } = user.identity;
    this.#byName.set(name, user);
    for (const digest of user.tokens) {
      if (!this.#byToken.add(digest, user))
        throw new TypeError(`A token of the user '${name}' is there twice.`);
    }
    if (user.certificate === undefined) return;
    if (this.#byCertificate.has(user.certificate)) {
      throw new TypeError(`The certificate of the user '${name}' is another user's, too.`);
    }
    this.#byCertificate.set(user.certificate, user);
  }

  async #byPassword(name: string, password: string): Promise<CheckedUser | undefined> {
    const user = this.#byName.get(name);
    const hash = user?.password ?? this.#decoyFor(name);
    const isRight = hash !== undefined && (await verifyPassword(password, hash));
    return isRight && user?.password === hash ? user : undefined;
  }

  /**
   * What is checked in place of a hash that is not there; as much work as the hash of some user, always the same one for
   * a name, so that the time of a check does not tell who is known. Undefined where nobody has a password.
   */
  #decoyFor(name: string): string | undefined {
    const number = createHmac('sha256', this.#secret).update(name).digest().readUInt32BE();
    return this.#decoys[number % this.#decoys.length];
  }
}
