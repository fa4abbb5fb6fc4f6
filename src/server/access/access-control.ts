/**
 * What one connection may do: an identity, the storage that it sees, and the rules.
 *
 *     request -> operation.needs(request) -> all permitted? -> the storage that has just the methods needed
 */
import { createHash } from 'node:crypto';
import { TransferError } from '../../errors.js';
import { joinRemotePath, REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { Authorize, Permission, Identity } from '../identity.js';
import { missingDirectories } from '../quota/missing-directories.js';

/** An effect that a request has on a path. */
export interface RequiredPermission {
  readonly permission: Permission;
  readonly path: RemotePath;
  /** It concerns, too, what is below this directory now, as if that were below the path. */
  readonly subtree?: RemotePath | undefined;
  /** Whether it concerns, too, the directories above the path that are not there. */
  readonly missingParents?: boolean | undefined;
}

/** The rules for one connection. */
export interface AccessRules {
  readonly identity: Identity | undefined;
  /** What it sees: its root, with its quota. */
  readonly storage: Storage;
  /** The same without the methods that write. */
  readonly readable: Storage;
  readonly permissions: readonly Permission[];
  readonly authorize: Authorize | undefined;
}

export class AccessControl {
  readonly identity: Identity | undefined;
  readonly #rules: AccessRules;

  constructor(rules: AccessRules) {
    this.identity = rules.identity;
    this.#rules = rules;
  }

  /**
   * The storage for a request that needs this: without the methods that write, unless it needs to write. Throws, or
   * rejects with, EACCES if any of it is not permitted, or the error that `check` throws after a cancel. A promise only
   * where the rules look at paths.
   */
  storageFor(needs: readonly RequiredPermission[], check: () => void): Storage | Promise<Storage> {
    if (this.hasPathRules) return this.#storageForPaths(needs, check);
    for (const { permission } of needs) {
      if (!this.#rules.permissions.includes(permission)) throw notPermitted(permission);
    }
    return this.#storageOf(needs);
  }

  /** Whether the rules look at paths: what a listing shows must be asked for, too. */
  get hasPathRules(): boolean {
    return this.#rules.authorize !== undefined;
  }

  /** Whether something is permitted. */
  async permits(effect: Permission, path: RemotePath): Promise<boolean> {
    const { permissions, authorize, identity } = this.#rules;
    if (!permissions.includes(effect)) return false;
    if (!authorize) return true;
    // Nothing else that a program in JavaScript may give lets anybody in.
    const said: unknown = await authorize(identity, effect, path);
    return said === true;
  }

  /** The id under which an upload is kept: nobody goes on with what somebody else has begun. */
  scopedUploadId(id: string): string {
    if (!this.identity) return id;
    return createHash('sha256').update(`${this.identity.name}\0${id}`).digest('hex').slice(0, id.length);
  }

  async #storageForPaths(needs: readonly RequiredPermission[], check: () => void): Promise<Storage> {
    for (const { permission, path } of needs) await this.#require(permission, path);
    await this.#requireAround(needs, check);
    return this.#storageOf(needs);
  }

  #storageOf(needs: readonly RequiredPermission[]): Storage {
    const writes = needs.some(({ permission }) => permission === 'write' || permission === 'delete');
    return writes ? this.#rules.storage : this.#rules.readable;
  }

  async #require(effect: Permission, path: RemotePath): Promise<void> {
    if (await this.permits(effect, path)) return;
    throw notPermitted(effect);
  }

  /** Requires what concerns more than the paths that a request names. */
  async #requireAround(needs: readonly RequiredPermission[], check: () => void): Promise<void> {
    const { readable } = this.#rules;
    for (const { permission, path, missingParents } of needs) {
      const directories = missingParents ? await missingDirectories(readable, splitPath(path).directory) : [];
      for (const directory of directories) await this.#require(permission, directory);
    }
    const listed = new Set(needs.flatMap(({ subtree }) => (subtree === undefined ? [] : [subtree])));
    for (const directory of listed) {
      const concerned = needs.filter(({ subtree }) => subtree === directory);
      await this.#requireBelow(directory, concerned, check);
    }
  }

  async #requireBelow(
    directory: RemotePath,
    needs: readonly RequiredPermission[],
    check: () => void,
  ): Promise<void> {
    const { readable } = this.#rules;
    if ((await readable.stat(directory)).kind !== 'directory') return;
    for await (const entry of readable.list(directory, { recursive: true })) {
      check();
      const rest = entry.path.slice(directory === REMOTE_ROOT ? 0 : directory.length + 1);
      for (const { permission, path } of needs) await this.#require(permission, joinRemotePath(path, rest));
    }
  }
}

function notPermitted(effect: Permission): TransferError {
  return new TransferError('EACCES', `It is not permitted to ${effect} that.`);
}
