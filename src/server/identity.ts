/** Who is served, and what is known of them: the words in which a program says who may do what. */
import type { PeerCertificate } from 'node:tls';
import type { Storage } from '../storage/storage.js';

/** What a request does to what is stored. `'list'` learns what is there, `'read'` what is in it. */
export type Permission = 'read' | 'write' | 'delete' | 'list' | 'call';

/** All effects. */
export const allPermissions: readonly Permission[] = ['read', 'write', 'delete', 'list', 'call'];

/** What a client shows of itself before it is served. */
export interface Credentials {
  /** The name that it says it has. */
  readonly user: string | undefined;
  /** Never empty. */
  readonly password: string | undefined;
  /** Never empty. */
  readonly token: string | undefined;
  /** The client's certificate, where TLS has asked for one and has verified it. */
  readonly certificate: PeerCertificate | undefined;
  /** The peer's address; undefined for a Unix socket or a duplex of the user's own. */
  readonly address: string | undefined;
  /** Whether the connection is encrypted by TLS. */
  readonly encrypted: boolean;
}

/** Bounds on what one identity stores. */
export interface Quota {
  /** Bytes of all its files, those that are being written included. Default: no bound. */
  readonly bytes?: number | undefined;
  /** How many files and directories. Default: no bound. */
  readonly files?: number | undefined;
  /** Bytes of one file. Default: no bound. */
  readonly fileBytes?: number | undefined;
}

/** Bytes a second. */
export interface Bandwidth {
  /** From the server to the client. Default: no bound. */
  readonly download?: number | undefined;
  /** From the client to the server. Default: no bound. */
  readonly upload?: number | undefined;
}

/** Who is served. May have properties of your own, which `authorize` is given, too. */
export interface Identity {
  /** Its name, unique: quotas, limits and interrupted uploads belong to the name. */
  readonly name: string;
  /** A directory of the server's storage, which is this identity's root. It must exist. Default: the storage's root. */
  readonly root?: string | undefined;
  /** What it is served instead of the server's storage. */
  readonly storage?: Storage | undefined;
  /** What it may do. Default: the server's `permissions`. */
  readonly permissions?: readonly Permission[] | undefined;
  /** What it may store below its root. Default: the server's `quota`. */
  readonly quota?: Quota | undefined;
  /** Of all its connections together. Default: no bound. */
  readonly bandwidth?: Bandwidth | undefined;
}

/**
 * Says who a client is; or, by anything that is not an identity, that it is not let in. One that throws refuses the
 * login, too, with the error's code if it is a TransferError; that costs the client no penalty.
 */
export type Authenticate = (
  login: Credentials,
) => Identity | false | undefined | null | Promise<Identity | false | undefined | null>;

/**
 * Says whether somebody may do something to a path below its root; `''` is the root itself. Asked for everything that
 * a request touches, also for each file that a recursive one does.
 *
 * @param identity - whom `authenticate` has named; undefined where there is none
 */
export type Authorize = (
  identity: Identity | undefined,
  effect: Permission,
  path: string,
) => boolean | Promise<boolean>;
