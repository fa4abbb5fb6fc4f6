/**
 * What one connection may do: its identity, the storage of the identity, and the permissions.
 *
 *     request -> operation.needs(request): RequiredPermission[] -> storageFor -> Storage | EACCES
 */
import { createHash } from 'node:crypto';
import { TransferError } from '../../errors.js';
import type { FileEntry } from '../../protocol/entry.js';
import { joinRemotePath, REMOTE_ROOT, splitPath, type RemotePath } from '../../protocol/remote-path.js';
import { withoutPathCode } from '../../session/transport/connection-error.js';
import { batchesOf, EntriesOfBatches } from '../../protocol/listings/entries-of-batches.js';
import type { Storage, StorageChange } from '../../storage/storage.js';
import type { Authorize, Permission, Identity } from '../identity.js';
import { missingDirectories } from '../quota/missing-directories.js';
import type { QuotaStatusFields } from '../quota/quota-account.js';
import { permittedChanges } from './permitted-changes.js';
import type { ResolvedStorage } from './storage-resolver.js';

/** A permission that a request needs on a path. */
export interface RequiredPermission {
  readonly permission: Permission;
  readonly path: RemotePath;
  /** Also needed for every entry below this directory, as if the entry were below `path`. */
  readonly subtree?: RemotePath | undefined;
  /** Whether it is also needed for the parents of the path that do not exist. */
  readonly missingParents?: boolean | undefined;
}

/** The request that is checked, or whose listing is filtered. */
export interface CheckedRequest {
  /** Called after each step. */
  readonly onProgress: () => void;
  throwIfCancelled(): void;
}

/** A watch whose changes are filtered. */
export interface WatchedPlace {
  readonly top: RemotePath;
  readonly recursive: boolean;
  readonly exchange: CheckedRequest;
}

/** The rules for one connection. */
export interface AccessRules extends ResolvedStorage {
  readonly identity: Identity | undefined;
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
   * The storage for a request with these needs: without the methods that write, unless the request writes. EACCES if a
   * permission is missing. Returns a promise only if there is an `authorize`.
   */
  storageFor(needs: readonly RequiredPermission[], request: CheckedRequest): Storage | Promise<Storage> {
    if (this.#rules.authorize) return this.#storageForPaths(needs, request);
    for (const { permission } of needs) {
      if (!this.#rules.permissions.includes(permission)) throw notPermitted(permission);
    }
    return this.#storageOf(needs);
  }

  /** The storage without a check of permissions. */
  get unchecked(): Storage {
    return this.#rules.storage;
  }

  /**
   * Whether the client may use a method that needs a permission. An `authorize` is asked for the root. Returns a promise only
   * if there is an `authorize`.
   */
  permitsMethod(name: string, permission: Permission): boolean | Promise<boolean> {
    const listed = this.identity?.methods;
    if (listed && !listed.includes(name)) return false;
    if (this.#rules.authorize) return this.#permits(permission, REMOTE_ROOT);
    return this.#rules.permissions.includes(permission);
  }

  /** What the identity stores and may store. It may always ask for it. */
  async quotaStatus(onProgress: () => void): Promise<QuotaStatusFields> {
    return this.#rules.quotaStatus?.(onProgress) ?? {};
  }

  /** The entries that the client may list. A parent must come before its children. */
  filterListing(entries: AsyncIterable<FileEntry>, request: CheckedRequest): AsyncIterable<FileEntry> {
    if (!this.#rules.authorize) return entries;
    return new EntriesOfBatches(() => this.#permittedOf(entries, request));
  }

  /** The changes of a directory that the client may see. */
  filterChanges(
    changes: AsyncIterable<readonly StorageChange[]>,
    { top, recursive, exchange }: WatchedPlace,
  ): AsyncIterable<readonly StorageChange[]> {
    if (!this.#rules.authorize) return changes;
    const { onProgress } = exchange;
    return permittedChanges(changes, {
      top,
      recursive,
      onProgress,
      storage: this.#rules.readable,
      throwIfCancelled: () => exchange.throwIfCancelled(),
      mayList: (path) => this.#permits('list', path),
    });
  }

  /** How many of these names, counted by their directories, are in directories that the client may list below `top`. */
  async countListable(
    names: ReadonlyMap<RemotePath, number>,
    top: RemotePath,
    request: CheckedRequest,
  ): Promise<number> {
    let listable = 0;
    for (const [directory, count] of names) {
      if (!this.#rules.authorize || (await this.#isListable(directory, top, request))) listable += count;
    }
    return listable;
  }

  /** The id under which an upload is kept. It depends on the identity, so that only its owner can resume an upload. */
  scopedUploadId(id: string): string {
    if (!this.identity) return id;
    return createHash('sha256').update(`${this.identity.name}\0${id}`).digest('hex').slice(0, id.length);
  }

  /** Whether the client may list a directory and all between it and `top`. */
  async #isListable(directory: RemotePath, top: RemotePath, request: CheckedRequest): Promise<boolean> {
    for (let at = directory; at.length > top.length; at = splitPath(at).directory) {
      request.throwIfCancelled();
      if (!(await this.#permits('list', at))) return false;
      request.onProgress();
    }
    return true;
  }

  async #permits(permission: Permission, path: RemotePath): Promise<boolean> {
    const { permissions, authorize, identity } = this.#rules;
    if (!permissions.includes(permission)) return false;
    if (!authorize) return true;
    // A program in JavaScript may return anything: only `true` permits.
    try {
      const answer: unknown = await authorize(identity, permission, path);
      return answer === true;
    } catch (thrown) {
      if (thrown instanceof TransferError) throw thrown;
      // The code of a file that the program could not read says nothing about this path.
      throw withoutPathCode(TransferError.from(thrown), 'EIO');
    }
  }

  async *#permittedOf(
    entries: AsyncIterable<FileEntry>,
    request: CheckedRequest,
  ): AsyncGenerator<readonly FileEntry[]> {
    const hidden = new Set<RemotePath>();
    for await (const batch of batchesOf(entries)) {
      for (const entry of batch) {
        request.onProgress();
        request.throwIfCancelled();
        if (isBelow(hidden, entry.path)) continue;
        // One by one, because an `authorize` may be slow.
        if (await this.#permits('list', entry.path)) yield [entry];
        else if (entry.kind === 'directory') hidden.add(entry.path);
      }
    }
  }

  async #storageForPaths(needs: readonly RequiredPermission[], request: CheckedRequest): Promise<Storage> {
    for (const { permission, path } of needs) await this.#require(request, permission, path);
    await this.#requireAround(needs, request);
    return this.#storageOf(needs);
  }

  #storageOf(needs: readonly RequiredPermission[]): Storage {
    const writes = needs.some(({ permission }) => permission === 'write' || permission === 'delete');
    return writes ? this.#rules.storage : this.#rules.readable;
  }

  async #require(request: CheckedRequest, permission: Permission, path: RemotePath): Promise<void> {
    if (!(await this.#permits(permission, path))) throw notPermitted(permission);
    request.onProgress();
  }

  /** Requires permissions on missing parents and in subtrees. */
  async #requireAround(needs: readonly RequiredPermission[], request: CheckedRequest): Promise<void> {
    for (const { permission, path, missingParents } of needs) {
      if (!missingParents) continue;
      const parents = await missingDirectories(this.#rules.readable, splitPath(path).directory);
      for (const directory of parents) await this.#require(request, permission, directory);
    }
    const subtrees = new Set(needs.flatMap(({ subtree }) => (subtree === undefined ? [] : [subtree])));
    for (const directory of subtrees) {
      const ofSubtree = needs.filter(({ subtree }) => subtree === directory);
      await this.#requireBelow(directory, ofSubtree, request);
    }
  }

  async #requireBelow(
    directory: RemotePath,
    needs: readonly RequiredPermission[],
    request: CheckedRequest,
  ): Promise<void> {
    const { readable } = this.#rules;
    if (!(await isDirectory(readable, directory))) return;
    for await (const entry of readable.list(directory, { recursive: true, onProgress: request.onProgress })) {
      request.throwIfCancelled();
      const rest = entry.path.slice(directory === REMOTE_ROOT ? 0 : directory.length + 1);
      for (const { permission, path } of needs) {
        await this.#require(request, permission, joinRemotePath(path, rest));
      }
    }
  }
}

/** Whether a path is a directory; false for a link or a device, which can be removed, and has nothing below it. */
async function isDirectory(storage: Storage, path: RemotePath): Promise<boolean> {
  try {
    return (await storage.stat(path)).kind === 'directory';
  } catch (thrown) {
    const { code } = TransferError.from(thrown);
    if (code === 'ELOOP' || code === 'EACCES') return false;
    throw thrown;
  }
}

function isBelow(directories: ReadonlySet<RemotePath>, path: RemotePath): boolean {
  if (directories.size === 0) return false;
  for (let at = path; at !== REMOTE_ROOT; at = splitPath(at).directory) {
    if (directories.has(splitPath(at).directory)) return true;
  }
  return false;
}

function notPermitted(permission: Permission): TransferError {
  return new TransferError('EACCES', `Permission denied: the request needs the ${permission} permission.`);
}
