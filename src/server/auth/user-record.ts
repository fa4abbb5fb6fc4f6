/** What a program writes about one user, and what is made of it. */
import { isFieldText } from '../../protocol/fields.js';
import { rejectUnknownOptions } from '../../options/option.js';
import { parseUserPath } from '../../protocol/remote-path.js';
import type { Identity } from '../identity.js';
import { checkBandwidth, checkPermissions, checkQuota } from '../access/options.js';
import { parsePasswordHash } from './password-hash.js';
import { isTokenDigest } from './token-owners.js';

/** A user of `staticUsers`: what proves who it is, any of which is enough, and what it may do. */
export interface UserRecord extends Omit<Identity, 'name'> {
  /** What `hashPassword` gives. Never the password itself. */
  readonly password?: string | undefined;
  /** What `hashToken` gives for each of its tokens. Never a token itself. */
  readonly tokens?: readonly string[] | undefined;
  /** The SHA-256 fingerprint of its TLS certificate, as `fingerprint256` of Node has it: `AB:CD:...`. */
  readonly certificate?: string | undefined;
}

/** A user, checked. */
export interface CheckedUser {
  /** What is known of it but for its secrets. */
  readonly identity: Identity;
  readonly password: string | undefined;
  readonly tokens: readonly string[];
  readonly certificate: string | undefined;
}

const PROOFS = ['password', 'tokens', 'certificate'];
const FIELDS = [...PROOFS, 'root', 'storage', 'permissions', 'quota', 'bandwidth'];

const FINGERPRINT = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/;

/** Checks a user. Throws a TypeError, which never shows a secret, for one that is wrong. */
export function checkKnownUser(name: string, user: UserRecord): CheckedUser {
  const who = `The user '${name}'`;
  if (name === '' || !isFieldText(name)) {
    throw new TypeError('The name of a user must be a text without control characters, and not empty.');
  }
  if (typeof user !== 'object' || (user as unknown) === null)
    throw new TypeError(`${who} must be an object.`);
  rejectUnknownOptions(who, user, FIELDS);
  const { password, tokens = [], certificate, ...rest } = user;
  if (password === undefined && certificate === undefined && tokens.length === 0) {
    throw new TypeError(`${who} has no ${PROOFS.join(', ')}: nobody could log in as that.`);
  }
  return {
    identity: Object.freeze({ ...rest, name, root: checkRoot(who, rest.root), ...checkRights(who, rest) }),
    password: checkPassword(who, password),
    tokens: checkTokens(who, tokens),
    certificate: checkCertificate(who, certificate),
  };
}

function checkPassword(who: string, password: string | undefined): string | undefined {
  if (password === undefined) return undefined;
  if (typeof password === 'string' && parsePasswordHash(password)) return password;
  throw new TypeError(
    `The password of ${lowered(who)} must be a hash: write what hashPassword(password) gives.`,
  );
}

function checkTokens(who: string, tokens: readonly string[]): readonly string[] {
  if (Array.isArray(tokens) && tokens.every(isTokenDigest)) return [...tokens];
  throw new TypeError(`The tokens of ${lowered(who)} must be a list of what hashToken(token) gives.`);
}

function checkCertificate(who: string, certificate: string | undefined): string | undefined {
  if (certificate === undefined) return undefined;
  const fingerprint = typeof certificate === 'string' ? certificate.toUpperCase() : '';
  if (FINGERPRINT.test(fingerprint)) return fingerprint;
  throw new TypeError(`The certificate of ${lowered(who)} must be a SHA-256 fingerprint such as AB:CD:...`);
}

function checkRoot(who: string, root: string | undefined): string | undefined {
  if (root === undefined) return undefined;
  try {
    return parseUserPath(root) || undefined;
  } catch (thrown) {
    throw new TypeError(`The root of ${lowered(who)} is no path of a storage.`, { cause: thrown });
  }
}

/** Copies, so that nobody changes what has been checked. */
function checkRights(
  who: string,
  { permissions, quota, bandwidth }: Omit<Identity, 'name'>,
): Partial<Identity> {
  const of = (what: string): string => `${what} of ${lowered(who)}`;
  if (permissions) checkPermissions(of('permissions'), permissions);
  if (quota) checkQuota(of('quota'), quota);
  if (bandwidth) checkBandwidth(of('bandwidth'), bandwidth);
  return {
    permissions: permissions && [...permissions],
    quota: quota && { ...quota },
    bandwidth: bandwidth && { ...bandwidth },
  };
}

function lowered(who: string): string {
  return who.replace('The', 'the');
}
