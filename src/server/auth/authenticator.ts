/**
 * Logs clients in. A password or token is compared by the program's `authenticate`, such as `staticUsers`. A rejected
 * login gets the same answer after the same time whatever was wrong, so that a client does not learn which part was right.
 *
 *     hello -> LoginThrottle.check -> encrypted, or allowed? -> not empty? -> authenticate -> Identity -> AccessControl
 *                                                                                          -> no: wait, EAUTH
 */
import { TransferError } from '../../errors.js';
import { setTimeout, systemClock, type Clock } from '../../clock.js';
import type { FrameOf } from '../../protocol/frames.js';
import { withoutPathCode } from '../../session/transport/connection-error.js';
import type { Peer } from '../peer.js';
import { AccessControl } from '../access/access-control.js';
import type { Identity } from '../identity.js';
import {
  checkMethodNames,
  checkPermissions,
  checkQuota,
  checkBandwidth,
  type AccessSettings,
} from '../access/options.js';
import { byKey, LoginThrottle } from './login-throttle.js';
import { PerAddressSemaphore } from './semaphore.js';
import type { StorageResolver } from '../access/storage-resolver.js';

/** Time from a hello to the rejection of its login, in ms: longer than most checks take. */
const REJECTION_MS = 500;

export interface LoginHooks {
  /** Called as soon as a login is rejected; the client gets the answer later. */
  readonly onRejected: (error: TransferError) => void;
  /** Aborted when the connection has ended. A login that waits is then not checked. */
  readonly signal: AbortSignal;
}

export class Authenticator {
  readonly #settings: AccessSettings;
  readonly #storages: StorageResolver;
  /** Undefined if rejected logins have no effect on others. */
  readonly #throttle: LoginThrottle | undefined;
  readonly #clock: Clock;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #checks = new PerAddressSemaphore();
  readonly #anonymous: AccessControl | undefined;

  constructor(
    settings: AccessSettings,
    storages: StorageResolver,
    { clock = systemClock, wait = unreferencedWait } = {},
  ) {
    this.#settings = settings;
    this.#storages = storages;
    const { loginPenalties } = settings;
    const grouping = loginPenalties === 'address' ? undefined : byKey;
    this.#throttle = loginPenalties === false ? undefined : new LoginThrottle(clock, grouping);
    this.#clock = clock;
    this.#wait = wait;
    const { authenticate, authorize, permissions } = settings;
    if (authenticate) return;
    this.#anonymous = new AccessControl({
      identity: undefined,
      ...storages.anonymous,
      permissions,
      authorize,
    });
  }

  /** The error for an address that has to wait after rejected logins. */
  check(address: string | undefined): TransferError | undefined {
    // A key of the program can depend on the hello.
    const { authenticate, loginPenalties } = this.#settings;
    return authenticate && loginPenalties === 'address' ? this.#throttle?.check(address) : undefined;
  }

  /** The access of a client. A promise, which may reject with EAUTH, only if there is an `authenticate`. */
  authenticate(
    hello: FrameOf<'hello'>,
    peer: Peer,
    hooks: LoginHooks,
  ): AccessControl | Promise<AccessControl> {
    return this.#anonymous ?? this.#login(hello, peer, hooks);
  }

  async #login(
    hello: FrameOf<'hello'>,
    peer: Peer,
    { onRejected, signal }: LoginHooks,
  ): Promise<AccessControl> {
    const since = this.#clock();
    const check = (): Promise<AccessControl | undefined> => this.#accessFor(hello, peer, signal);
    const access = await this.#checks.run(peer.address, check, signal).catch((thrown: unknown) => {
      // Without a connection, nothing is rejected.
      if (signal.aborted) throw thrown;
      // A client would read the code of a path as an answer about the path of its request.
      const error = withoutPathCode(TransferError.from(thrown), 'EIO');
      onRejected(error);
      throw error;
    });
    if (access) return access;
    const delayMs = this.#throttle?.recordFailure(this.#keyOf(hello, peer)) ?? 0;
    const waitMs = REJECTION_MS + delayMs - (this.#clock() - since);
    const error = new TransferError('EAUTH');
    onRejected(error);
    await this.#wait(Math.max(0, waitMs));
    throw error;
  }

  async #accessFor(
    hello: FrameOf<'hello'>,
    peer: Peer,
    signal: AbortSignal,
  ): Promise<AccessControl | undefined> {
    // Once more: other logins of the address may have been rejected since this connection was accepted.
    const throttled = this.#throttle?.check(this.#keyOf(hello, peer));
    if (throttled) throw throttled;
    const identity = await this.#identify(hello, peer, signal);
    if (!identity) return undefined;
    checkIdentity(identity);
    const { authorize, permissions } = this.#settings;
    return new AccessControl({
      identity,
      ...(await this.#storages.resolve(identity)),
      permissions: identity.permissions ?? permissions,
      authorize,
    });
  }

  /** The key under which a rejected login counts. Throws what the program's function throws. */
  #keyOf({ user }: FrameOf<'hello'>, { address, encrypted, certificate }: Peer): string | undefined {
    const { loginPenalties } = this.#settings;
    if (typeof loginPenalties !== 'function') return address;
    const key: unknown = loginPenalties({ user, address, encrypted, certificate });
    if (key === undefined || typeof key === 'string') return key;
    // An async function is a mistake of the program, whose rejection must not end the process.
    if (key instanceof Promise) key.catch(() => undefined);
    throw new TypeError(`loginPenalties.key must return a string or undefined, not ${typeof key}.`);
  }

  async #identify(
    { user, password, bearer: token }: FrameOf<'hello'>,
    { address, encrypted, certificate, isPrivate }: Peer,
    signal: AbortSignal,
  ): Promise<Identity | undefined> {
    const hasSecret = password !== undefined || token !== undefined;
    if (hasSecret && !isPrivate && !this.#settings.allowUnencryptedCredentials) {
      throw new TransferError(
        'EAUTH',
        'The server accepts credentials over TLS only, unless its option allowUnencryptedCredentials is set.',
      );
    }
    if (password === '' || token === '') return undefined;
    const credentials = { user, password, token, certificate, address, encrypted, signal };
    const identity = await this.#settings.authenticate?.(credentials);
    return typeof identity === 'object' && identity !== null ? identity : undefined;
  }
}

function unreferencedWait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

/** Throws a TypeError for a wrong identity, which the program's `authenticate` returned. */
function checkIdentity({ name, root, permissions, methods, quota, bandwidth }: Identity): void {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('The name of an identity must be a non-empty string.');
  }
  if (root !== undefined && typeof root !== 'string') {
    throw new TypeError(`The root of an identity must be a path, not ${typeof root}.`);
  }
  if (permissions) checkPermissions('permissions', permissions);
  if (methods) checkMethodNames('methods', methods);
  if (quota) checkQuota('quota', quota);
  if (bandwidth) checkBandwidth('bandwidth', bandwidth);
}
