/** The options that say who may do what: declared, defaulted and checked here. */
import { flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import {
  allPermissions,
  type Authenticate,
  type Authorize,
  type Bandwidth,
  type Permission,
  type Quota,
} from '../identity.js';
import type { StorageWrappers } from './storage-wrappers.js';

/** Bounds on how fast a server sends and receives. */
export interface BandwidthOptions extends Bandwidth {
  /** Of each connection. Default: no bound. */
  readonly connection?: Bandwidth | undefined;
}

/** Who may do what on a server, and how fast. */
export interface AccessOptions {
  /** Says who a client is, or that it is not let in. Default: everybody is let in, without a name. */
  authenticate?: Authenticate | undefined;
  /** Says what somebody may do with a path. Default: everything that `permissions` has. */
  authorize?: Authorize | undefined;
  /** What those may do of whom `authenticate` says nothing else. Default: everything. */
  permissions?: readonly Permission[] | undefined;
  /** What each of those may store of whom `authenticate` says nothing else. Default: no bound. */
  quota?: Quota | undefined;
  /** Bytes a second, of all connections together and of each. Default: no bound. */
  bandwidth?: BandwidthOptions | undefined;
  /**
   * Whether to take credentials over a connection that others can read: neither encrypted nor of this machine.
   * Default false.
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

/** The options with everything filled in. */
export interface AccessSettings {
  readonly authenticate: Authenticate | undefined;
  readonly authorize: Authorize | undefined;
  readonly permissions: readonly Permission[];
  readonly quota: Quota | undefined;
  readonly bandwidth: BandwidthOptions;
  readonly allowUnencryptedCredentials: boolean;
  readonly wrappers: StorageWrappers;
}

/** Checks the options and fills in the defaults. Throws a TypeError for one that is wrong. */
export function accessSettings(options: AccessOptions, wrappers: StorageWrappers): AccessSettings {
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
    wrappers,
  };
}

/** Checks a list of effects. Throws a TypeError for a word that is none. */
export function checkPermissions(name: string, permissions: readonly Permission[]): readonly Permission[] {
  if (!Array.isArray(permissions)) throw new TypeError(`The option ${name} must be an array of permissions.`);
  const known: readonly string[] = allPermissions;
  for (const permission of permissions as readonly string[]) {
    if (known.includes(permission)) continue;
    throw new TypeError(
      `The option ${name} must contain only ${allPermissions.join(', ')}, not ${permission}.`,
    );
  }
  return permissions as readonly Permission[];
}

/** Checks the bounds of a quota. Throws a TypeError for one that is wrong. */
export function checkQuota(name: string, quota: Quota): void {
  rejectUnknownOptions(name, quota, ['bytes', 'files', 'fileBytes']);
  for (const [bound, value] of boundsOf(quota)) checkBound(`${name}.${bound}`, value, 0);
}

/** Checks the bounds of a bandwidth. Throws a TypeError for one that is wrong. */
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
