/** The options of access control and bandwidth: declared, defaulted and checked here. */
import { flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import {
  permissions as allPermissions,
  type Authenticate,
  type Authorize,
  type Bandwidth,
  type Identity,
  type Permission,
  type Quota,
} from '../identity.js';
import type { StorageWrappers } from './storage-wrappers.js';

/** Limits in bytes per second: of all connections together, and of each. */
export interface BandwidthOptions extends Bandwidth {
  /** Limits of each connection. Default: no limit. */
  readonly connection?: Bandwidth | undefined;
}

/** Options for access control and bandwidth. */
export interface AccessOptions<IdentityType extends Identity = Identity> {
  /**
   * Authenticates a client: returns its identity, or a falsy value to reject the login. The type of the identity is the
   * type parameter of the server. Default: every client is accepted, without an identity.
   */
  authenticate?: Authenticate<IdentityType> | undefined;
  /**
   * Decides whether an identity has a permission for a path, besides `permissions`. TypeScript infers the type of
   * `identity` from `authenticate` if that stands before `authorize`. Default: `permissions` alone decides.
   */
  authorize?: Authorize<IdentityType> | undefined;
  /** Permissions of identities that name none, and of clients without an identity. Default: all. */
  permissions?: readonly Permission[] | undefined;
  /** Limits for what each identity stores that has no `quota` of its own. Default: no limit. */
  quota?: Quota | undefined;
  /** Limits in bytes per second, of all connections together and of each. Default: no limit. */
  bandwidth?: BandwidthOptions | undefined;
  /**
   * Whether passwords and tokens are accepted over a connection that others can read: without TLS, and from another
   * machine. Default `false`.
   */
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

/** The options, checked and with defaults. */
export interface AccessSettings {
  readonly authenticate: Authenticate | undefined;
  readonly authorize: Authorize | undefined;
  readonly permissions: readonly Permission[];
  readonly quota: Quota | undefined;
  readonly bandwidth: BandwidthOptions;
  readonly allowUnencryptedCredentials: boolean;
  readonly wrappers: StorageWrappers;
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function accessSettings<IdentityType extends Identity>(
  options: AccessOptions<IdentityType>,
  wrappers: StorageWrappers,
): AccessSettings {
  const { authenticate, quota, bandwidth = {} } = options;
  // The server calls it only with identities that `authenticate` has returned.
  const authorize = options.authorize as Authorize | undefined;
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
    wrappers,
  };
}

/** Checks a list of permissions. Throws a TypeError for an unknown one. */
export function checkPermissions(name: string, permissions: readonly Permission[]): readonly Permission[] {
  if (!Array.isArray(permissions)) throw new TypeError(`The option ${name} must be an array of permissions.`);
  for (const permission of permissions as readonly Permission[]) {
    if (allPermissions.includes(permission)) continue;
    throw new TypeError(`The option ${name} may contain ${allPermissions.join(', ')}, not ${permission}.`);
  }
  return permissions as readonly Permission[];
}

/** Checks the limits of a quota. Throws a TypeError for a wrong one. */
export function checkQuota(name: string, quota: Quota): void {
  rejectUnknownOptions(name, quota, ['bytes', 'files', 'fileBytes']);
  for (const [bound, value] of boundsOf(quota)) checkBound(`${name}.${bound}`, value, 0);
}

/** Checks the limits of a bandwidth. Throws a TypeError for a wrong one. */
export function checkBandwidth(name: string, bandwidth: Bandwidth): void {
  rejectUnknownOptions(name, bandwidth, ['download', 'upload']);
  for (const [bound, value] of boundsOf(bandwidth)) checkBound(`${name}.${bound}`, value, 1);
}

function boundsOf(options: Quota | Bandwidth): [string, number | undefined][] {
  return Object.entries(options) as [string, number | undefined][];
}

function checkBound(name: string, value: number | undefined, min: number): void {
  integerOption(name, value, { min, default: min });
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`The option ${name} must be a function.`);
  }
}
