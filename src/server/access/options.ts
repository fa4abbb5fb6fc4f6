/** The options of access control and bandwidth: declared, defaulted and checked here. */
import { flagOption, integerOption, rejectUnknownOptions } from '../../options/option.js';
import { methodName } from '../../protocol/methods/method-name.js';
import { readOnly } from '../../storage/wrappers/read-only.js';
import { subStorage } from '../../storage/wrappers/sub-storage.js';
import {
  loginPenaltySettings,
  type LoginPenalties,
  type LoginPenaltySettings,
} from '../auth/login-penalties.js';
import {
  allPermissions,
  type Authenticate,
  type Authorize,
  type Bandwidth,
  type Identity,
  type Permission,
  type Quota,
} from '../identity.js';

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
   * How rejected logins delay and block further ones: by the address of the client, by a key of your own, or, with `false`, not
   * at all. Default: by address.
   */
  loginPenalties?: false | LoginPenalties | undefined;
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
  'loginPenalties',
  'allowUnencryptedCredentials',
];

/** The options, checked and with defaults, and the storage wrappers, which only files of options may import. */
export interface AccessSettings {
  readonly authenticate: Authenticate | undefined;
  readonly authorize: Authorize | undefined;
  readonly permissions: readonly Permission[];
  readonly quota: Quota | undefined;
  readonly bandwidth: BandwidthOptions;
  readonly loginPenalties: LoginPenaltySettings;
  readonly allowUnencryptedCredentials: boolean;
  readonly wrappers: { readonly readOnly: typeof readOnly; readonly subStorage: typeof subStorage };
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function accessSettings<IdentityType extends Identity>(
  options: AccessOptions<IdentityType>,
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
    loginPenalties: loginPenaltySettings(options.loginPenalties),
    allowUnencryptedCredentials:
      flagOption('allowUnencryptedCredentials', options.allowUnencryptedCredentials) ?? false,
    wrappers: { readOnly, subStorage },
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

/** Checks a list of names of methods. Throws a TypeError for a wrong one. */
export function checkMethodNames(name: string, methods: readonly string[]): void {
  if (!Array.isArray(methods))
    throw new TypeError(`The option ${name} must be an array of names of methods.`);
  for (const method of methods as readonly string[]) methodName(method);
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
