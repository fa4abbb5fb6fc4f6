/**
 * What one connection may do: an identity, the storage that it sees, and the rules.
 *
 *     request -> operation.needs(request) -> Access.require -> the storage that has just the methods needed
 */
import { createHash } from 'node:crypto';
import { TransferError } from '../../errors.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { Authorize, Effect, Identity } from './identity.js';

/** An effect that a request has on a path. */
export interface Need {
  readonly effect: Effect;
  readonly path: RemotePath;
  /** Whether it concerns all that is below the path, too. */
  readonly below?: boolean | undefined;
}

/** The rules for one connection. */
export interface AccessRules {
  readonly identity: Identity | undefined;
  /** What it sees: its root, with its quota. */
  readonly storage: Storage;
  /** The same without the methods that write. */
  readonly readable: Storage;
  readonly permissions: readonly Effect[];
  readonly authorize: Authorize | undefined;
}

export class Access {
  readonly identity: Identity | undefined;
  readonly #rules: AccessRules;

  constructor(rules: AccessRules) {
    this.identity = rules.identity;
    this.#rules = rules;
  }

  /**
   * The storage for a request that needs this: without the methods that write, if it has not said that it writes.
   * Throws EACCES if any of it is not permitted.
   */
  async storageFor(needs: readonly Need[]): Promise<Storage> {
    for (const need of needs) await this.#require(need);
    const writes = needs.some(({ effect }) => effect === 'write' || effect === 'delete');
    return writes ? this.#rules.storage : this.#rules.readable;
  }

  /** Whether the rules look at paths: what a listing shows must be asked for, too. */
  get looksAtPaths(): boolean {
    return this.#rules.authorize !== undefined;
  }

  /** Whether something is permitted. */
  async permits(effect: Effect, path: RemotePath): Promise<boolean> {
    const { permissions, authorize, identity } = this.#rules;
    if (!permissions.includes(effect)) return false;
    if (!authorize) return true;
    // Nothing else that a program in JavaScript may give lets anybody in.
    const said: unknown = await authorize(identity, effect, path);
    return said === true;
  }

  /** The id under which an upload is kept: nobody goes on with what somebody else has begun. */
  uploadId(id: string): string {
    if (!this.identity) return id;
    return createHash('sha256').update(`${this.identity.name}\0${id}`).digest('hex').slice(0, id.length);
  }

  async #require({ effect, path, below }: Need): Promise<void> {
    if (!(await this.permits(effect, path))) throw forbidden(effect);
    if (below && this.looksAtPaths) await this.#requireBelow(effect, path);
  }

  async #requireBelow(effect: Effect, path: RemotePath): Promise<void> {
    const { storage } = this.#rules;
    if ((await storage.stat(path)).kind !== 'directory') return;
    for await (const entry of storage.list(path, { recursive: true })) {
      if (!(await this.permits(effect, entry.path))) throw forbidden(effect);
    }
  }
}

function forbidden(effect: Effect): TransferError {
  return new TransferError('EACCES', `It is not permitted to ${effect} that.`);
}
