/** The record of one user in a table, and its checked form. */
import { isFieldText } from '../../protocol/fields.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { parseDirectoryPath } from '../../protocol/remote-path.js';
import type { Identity } from '../identity.js';
import { checkBandwidth, checkMethodNames, checkPermissions, checkQuota } from '../access/options.js';
import { parsePasswordHash } from './password-hash.js';
import { isTokenDigest } from './hash-token.js';

/** A user of `staticUsers`: one or more proofs, any of which is sufficient, and what the user may do. */
export interface UserRecord extends Omit<Identity, 'name'> {
  /** The result of `hashPassword`, never the password itself. */
  readonly password?: string | undefined;
  /** The results of `hashToken`, never a token itself. */
  readonly tokens?: readonly string[] | undefined;
  /** SHA-256 fingerprint of the TLS client certificate, as in Node's `fingerprint256`: `AB:CD:...`. */
  readonly certificate?: string | undefined;
}

export interface CheckedUser {
  /** The user without its secrets. */
  readonly identity: Identity;
  readonly password: string | undefined;
  readonly tokens: readonly string[];
  readonly certificate: string | undefined;
}

const PROOFS = ['password', 'tokens', 'certificate'];
const FIELDS = [...PROOFS, 'root', 'storage', 'permissions', 'methods', 'quota', 'bandwidth'];

const FINGERPRINT = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/;

/** Throws a TypeError, which never contains a secret, for a wrong record. */
export function parseUserRecord(name: string, record: UserRecord): CheckedUser {
  if (name === '' || !isFieldText(name)) {
    throw new TypeError('The name of a user must be a non-empty string without control characters.');
  }
  const user = `user '${name}'`;
  if (typeof record !== 'object' || (record as unknown) === null)
    throw new TypeError(`The ${user} must be an object.`);
  rejectUnknownOptions(`The ${user}`, record, FIELDS);
  const { password, tokens = [], certificate, ...rest } = record;
  if (password === undefined && certificate === undefined && tokens.length === 0) {
    throw new TypeError(`The ${user} cannot log in: the record needs one of ${PROOFS.join(', ')}.`);
  }
  return {
    identity: Object.freeze({ ...rest, name, root: parseRoot(user, rest.root), ...copyRights(user, rest) }),
    password: checkPassword(user, password),
    tokens: checkTokens(user, tokens),
    certificate: parseCertificate(user, certificate),
  };
}

function checkPassword(user: string, password: string | undefined): string | undefined {
  if (password === undefined) return undefined;
  if (typeof password === 'string' && parsePasswordHash(password)) return password;
  throw new TypeError(
    `The password of the ${user} must be a hash: the value of await hashPassword(password).`,
  );
}

function checkTokens(user: string, tokens: readonly string[]): readonly string[] {
  if (Array.isArray(tokens) && tokens.every(isTokenDigest)) return [...tokens];
  throw new TypeError(`The tokens of the ${user} must be an array of results of hashToken(token).`);
}

function parseCertificate(user: string, certificate: string | undefined): string | undefined {
  if (certificate === undefined) return undefined;
  const fingerprint = typeof certificate === 'string' ? certificate.toUpperCase() : '';
  if (FINGERPRINT.test(fingerprint)) return fingerprint;
  throw new TypeError(`The certificate of the ${user} must be a SHA-256 fingerprint such as AB:CD:...`);
}

function parseRoot(user: string, root: string | undefined): string | undefined {
  if (root === undefined) return undefined;
  try {
    return parseDirectoryPath(root) || undefined;
  } catch (thrown) {
    throw new TypeError(`The root of the ${user} must be a path inside the storage.`, { cause: thrown });
  }
}

/** Checks and copies, so that a later change of the table has no effect. */
function copyRights(
  user: string,
  { permissions, methods, quota, bandwidth }: Omit<Identity, 'name'>,
): Partial<Identity> {
  if (permissions) checkPermissions(`permissions of the ${user}`, permissions);
  if (methods) checkMethodNames(`methods of the ${user}`, methods);
  if (quota) checkQuota(`quota of the ${user}`, quota);
  if (bandwidth) checkBandwidth(`bandwidth of the ${user}`, bandwidth);
  return {
    permissions: permissions && [...permissions],
    methods: methods && [...methods],
    quota: quota && { ...quota },
    bandwidth: bandwidth && { ...bandwidth },
  };
}
