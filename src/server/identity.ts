/** The identity of a client, and what a server permits it to do. */
import type { PeerCertificate } from 'node:tls';
import type { Storage } from '../storage/storage.js';

/**
 * What a request does with a path: `'list'` shows names and properties, `'read'` shows contents, `'write'` creates and
 * changes, `'delete'` removes, `'call'` calls a
 * shared method.
 */
export type Permission = 'read' | 'write' | 'delete' | 'list' | 'call';

/** All permissions. */
export const allPermissions: readonly Permission[] = ['read', 'write', 'delete', 'list', 'call'];

/** What a client sends to log in, and what the server knows of its connection. */
export interface Credentials {
  /** Name that the client sent; not verified. */
  readonly user: string | undefined;
  /** Password that the client sent. Never an empty string. */
  readonly password: string | undefined;
  /** Bearer token that the client sent. Never an empty string. */
  readonly token: string | undefined;
  /** Certificate of the client, verified by TLS; undefined unless the option `tls` requests one. */
  readonly certificate: PeerCertificate | undefined;
  /** IP address of the client; undefined for a Unix socket and for a stream that was passed to the server. */
  readonly address: string | undefined;
  /** Whether the connection uses TLS. */
  readonly encrypted: boolean;
  /** Aborted when the connection has ended: a check that waits need not be made. The server always sets it. */
  readonly signal?: AbortSignal | undefined;
}

/** Limits for what one identity stores. */
export interface Quota {
  /** Bytes of all files, including those that are being written. Default: no limit. */
  readonly bytes?: number | undefined;
  /** Number of files and directories. Default: no limit. */
  readonly files?: number | undefined;
  /** Bytes of one file. Default: no limit. */
  readonly fileBytes?: number | undefined;
}

/** Limits in bytes per second. */
export interface Bandwidth {
  /** From the server to the client. Default: no limit. */
  readonly download?: number | undefined;
  /** From the client to the server. Default: no limit. */
  readonly upload?: number | undefined;
}

/**
 * A user of a server, as `authenticate` returns it. May have properties of your own: `authorize` and the event `login`
 * get the same object.
 */
export interface Identity {
  /** Unique name. Quotas, bandwidth and suspended uploads belong to the name. */
  readonly name: string;
  /** Directory of the server's storage that is the root of this identity; must exist. Default: the storage's root. */
  readonly root?: string | undefined;
  /** Storage for this identity instead of the server's. */
  readonly storage?: Storage | undefined;
  /** Permissions of this identity. Default: the option `permissions` of the server. */
  readonly permissions?: readonly Permission[] | undefined;
  /** Names of the shared methods that this identity may use. Default: all for which it has the permission. */
  readonly methods?: readonly string[] | undefined;
  /** Limits for what this identity stores. Default: the option `quota` of the server. */
  readonly quota?: Quota | undefined;
  /** Limit for all connections of this identity together. Default: no limit. */
  readonly bandwidth?: Bandwidth | undefined;
}

/**
 * Authenticates a client: returns its identity, or `false`, `undefined` or `null` to reject the login with EAUTH. If it
 * throws, the login is rejected with the `code` of the error, or with EIO if it has none or that of a path such as ENOENT.
 * Such a login does not delay further ones.
 */
export type Authenticate<IdentityType extends Identity = Identity> = (
  credentials: Credentials,
) => IdentityType | false | undefined | null | Promise<IdentityType | false | undefined | null>;

/**
 * Decides whether an identity has a permission for a path. Called for every path that a request touches, including each
 * file that a recursive request touches. Only `true` permits.
 *
 * @param identity - what `authenticate` returned; undefined on a server without `authenticate`
 * @param permission - what the request does with the path
 * @param path - relative to the root of the identity; `''` is the root itself
 */
export type Authorize<IdentityType extends Identity = Identity> = (
  identity: IdentityType | undefined,
  permission: Permission,
  path: string,
) => boolean | Promise<boolean>;
