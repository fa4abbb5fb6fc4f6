/** The options of authentication, permissions, quota and bandwidth: declared, defaulted and checked here. */
import { flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import { readOnly } from '../../storage/wrappers/read-only.js';
import { subStorage } from '../../storage/wrappers/sub-storage.js';
import {
  permissions as allPermissions,
  type Authenticate,
  type Authorize,
  type Bandwidth,
  type Permission,
  type Quota,
} from '../identity.js';

/** Rate limits of a server. */
export interface BandwidthOptions extends Bandwidth {
  /** Limits of each connection. Default: no limit. */
  readonly connection?: Bandwidth | undefined;
}

/** Who may do what on a server, and how fast. */
export interface AccessOptions {
  /** Checks credentials and returns the client's identity, or rejects the login. Default: every client is anonymous. */
  authenticate?: Authenticate | undefined;
  /** Decides whether an identity has a permission on a path. Default: it has all its permissions on every path. */
  authorize?: Authorize | undefined;
  /** Permissions of anonymous clients, and of identities that have no `permissions`. Default: all. */
  permissions?: readonly Permission[] | undefined;
  /** Quota of each identity that has no `quota`; anonymous clients share one. Default: no limit. */
  quota?: Quota | undefined;
  /** Bytes per second, of all connections together and of each. Default: no limit. */
  bandwidth?: BandwidthOptions | undefined;
  /** Accepts credentials over a connection without TLS to another machine, which others can read. Default false. */
  allowUnencryptedCredentials?: boolean | undefined;
}

/** The names of {@link AccessOptions}. */
export const accessOptionNames = [
  'authenticate',
  'authorize',
  'permissions',
  'quota',
  'bandwidth',
  'allowUnencryptedCredentials',
];

/** {@link AccessOptions} with defaults, and the storage wrappers, which only files of options may import. */
export interface AccessSettings {
  readonly authenticate: Authenticate | undefined;
  readonly authorize: Authorize | undefined;
  readonly permissions: readonly Permission[];
  readonly quota: Quota | undefined;
  readonly bandwidth: BandwidthOptions;
  readonly allowUnencryptedCredentials: boolean;
  readonly wrappers: { readonly readOnly: typeof readOnly; readonly subStorage: typeof subStorage };
}

/** Checks the options and fills in the defaults. Throws a TypeError for a wrong one. */
export function accessSettings(options: AccessOptions): AccessSettings {
  const { authenticate, authorize, quota, bandwidth = {} } = options;
  checkFunction('authenticate', authenticate);
  checkFunction('authorize', authorize);
  if (quota) checkQuota('quota', quota);
  const { connection = {}, ...server } = bandwidth;
  checkBandwidth('bandwidth', server);
  checkBandwidth('bandwidth.connection', connection);
  return {
    authenticate,
    authorize,
    permissions: checkPermissions('permissions', options.permissions ?? allPermissions),
    quota,
    bandwidth,
    allowUnencryptedCredentials:
      flagOption('allowUnencryptedCredentials', options.allowUnencryptedCredentials) ?? false,
    wrappers: { readOnly, subStorage },
  };
}

/** Throws a TypeError unless the value is a list of permissions. */
export function checkPermissions(name: string, permissions: readonly Permission[]): readonly Permission[] {
  if (!Array.isArray(permissions)) throw new TypeError(`The option ${name} must be an array.`);
  const known: readonly string[] = allPermissions;
  for (const permission of permissions as readonly string[]) {
    if (known.includes(permission)) continue;
    throw new TypeError(`The option ${name} must contain only ${known.join(', ')}, not ${permission}.`);
  }
  return permissions as readonly Permission[];
}

/** Throws a TypeError for a wrong quota. */
export function checkQuota(name: string, quota: Quota): void {
  checkLimits(name, quota, { names: ['bytes', 'files', 'fileBytes'], min: 0 });
}

/** Throws a TypeError for a wrong bandwidth. */
export function checkBandwidth(name: string, bandwidth: Bandwidth): void {
  checkLimits(name, bandwidth, { names: ['download', 'upload'], min: 1 });
}

function checkLimits(name: string, options: object, { names, min }: { names: string[]; min: number }): void {
  rejectUnknownOptions(name, options, names);
  for (const [limit, value] of Object.entries(options) as [string, number | undefined][]) {
    integerOption(`${name}.${limit}`, value, { min, default: min });
  }
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TypeError(`The option ${name} must be a function, not ${typeof value}.`);
}
