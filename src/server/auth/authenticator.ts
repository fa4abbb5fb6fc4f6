/**
 * The door: lets clients in, or does not. Whatever is wrong with a login, its refusal looks the same and takes the same
 * time, so that nobody learns which half of it was right.
 *
 *     hello -> may it be said here? -> no empty secrets -> authenticate -> Access
 *                                                       -> refused: penalty, wait, EAUTH
 */
import { setTimeout as timeout } from 'node:timers/promises';
import { TransferError } from '../../errors.js';
import { systemClock, type Clock } from '../../clock.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { Peer } from '../peer.js';
import { AccessControl } from '../access/access-control.js';
import type { Identity } from '../identity.js';
import { checkPermissions, checkQuota, checkBandwidth, type AccessSettings } from '../access/options.js';
import { LoginThrottle } from './login-throttle.js';
import { PerAddressSemaphore } from './per-address-semaphore.js';
import type { StorageResolver } from '../access/storage-resolver.js';

/** Milliseconds from a hello to the refusal of its login, whatever was wrong with it: longer than most checks take. */
const REFUSED_LOGIN_MS = 500;

/** Is told at once of a login that was refused; the client learns it later. */
export type OnLoginRejected = (error: TransferError) => void;

export class Authenticator {
  readonly #settings: AccessSettings;
  readonly #views: StorageResolver;
  readonly #penalties: LoginThrottle;
  readonly #clock: Clock;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #queues = new PerAddressSemaphore();
  readonly #anonymous: AccessControl | undefined;

  constructor(
    settings: AccessSettings,
    views: StorageResolver,
    { clock = systemClock, wait = unreferencedWait } = {},
  ) {
    this.#settings = settings;
    this.#views = views;
    this.#penalties = new LoginThrottle(clock);
    this.#clock = clock;
    this.#wait = wait;
    const { authenticate, authorize, permissions } = settings;
    if (authenticate) return;
    this.#anonymous = new AccessControl({ identity: undefined, ...views.anonymous, permissions, authorize });
  }

  /** Why nobody from an address is let in now; undefined if they are. */
  check(address: string | undefined): TransferError | undefined {
    return this.#settings.authenticate ? this.#penalties.check(address) : undefined;
  }

  /** What a client may do who says this: at once, where nobody is asked who they are. Throws, or rejects with, EAUTH. */
  authenticate(
    hello: FrameOf<'hello'>,
    peer: Peer,
    onRejected: OnLoginRejected,
  ): AccessControl | Promise<AccessControl> {
    return this.#anonymous ?? this.#ask(hello, peer, onRejected);
  }

  async #ask(hello: FrameOf<'hello'>, peer: Peer, onRejected: OnLoginRejected): Promise<AccessControl> {
    const since = this.#clock();
    const check = (): Promise<AccessControl | undefined> => this.#accessFor(hello, peer);
    const access = await this.#queues.run(peer.address, check).catch((thrown: unknown) => {
      const error = TransferError.from(thrown);
      onRejected(error);
      throw error;
    });
    if (access) return access;
    const waitMs = REFUSED_LOGIN_MS + this.#penalties.recordFailure(peer.address) - (this.#clock() - since);
    const error = new TransferError('EAUTH');
    onRejected(error);
    await this.#wait(Math.max(0, waitMs));
    throw error;
  }

  async #accessFor(hello: FrameOf<'hello'>, peer: Peer): Promise<AccessControl | undefined> {
    // Logins that were refused meanwhile count for connections that were made before.
    const refusal = this.#penalties.check(peer.address);
    if (refusal) throw refusal;
    const identity = await this.#identify(hello, peer);
    return identity && this.#accessOf(checkIdentity(identity));
  }

  async #identify(
    { user, password, bearer: token }: FrameOf<'hello'>,
    { address, encrypted, certificate, readable }: Peer,
  ): Promise<Identity | undefined> {
    const hasSecret = password !== undefined || token !== undefined;
    if (hasSecret && readable && !this.#settings.allowUnencryptedCredentials) {
      throw new TransferError(
        'EAUTH',
        'This server takes credentials over TLS only, unless its own option allowUnencryptedCredentials says otherwise.',
      );
    }
    if (password === '' || token === '') return undefined;
    const said = await this.#settings.authenticate?.({
      user,
      password,
      token,
      certificate,
      address,
      encrypted,
    });
    return typeof said === 'object' && said !== null ? said : undefined;
  }

  async #accessOf(identity: Identity): Promise<AccessControl> {
    const { authorize, permissions } = this.#settings;
    return new AccessControl({
      identity,
      ...(await this.#views.resolve(identity)),
      permissions: identity.permissions ?? permissions,
      authorize,
    });
  }
}

function unreferencedWait(ms: number): Promise<void> {
  return timeout(ms, undefined, { ref: false });
}

/** An identity as a program's `authenticate` gives it. Throws a TypeError for one that is none. */
function checkIdentity(identity: Identity): Identity {
  if (typeof identity.name !== 'string' || identity.name === '') {
    throw new TypeError('An identity must have a name.');
  }
  if (identity.root !== undefined && typeof identity.root !== 'string') {
    throw new TypeError('The root of an identity must be a path.');
  }
  if (identity.permissions) checkPermissions('permissions', identity.permissions);
  if (identity.quota) checkQuota('quota', identity.quota);
  if (identity.bandwidth) checkBandwidth('bandwidth', identity.bandwidth);
  return identity;
}
