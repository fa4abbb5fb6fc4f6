/**
 * A storage as one client may use it, for code of the program that serves the client: each call is checked as the request
 * of the client for the same would be.
 *
 *     method(path) -> parseRemotePath -> AccessControl.storageFor(needs) -> Storage
 */
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { AccessControl, CheckedRequest, RequiredPermission } from './access-control.js';
import { checkNewNames } from './check-new-names.js';

/** Whose storage it is. */
export interface StorageUser {
  readonly access: AccessControl;
  readonly request: CheckedRequest;
  /** Whether names are refused that only some systems can hold. */
  readonly portableNames: boolean;
}

/** The storage of a client. It lacks the methods that the storage lacks, and those that resume uploads and watch. */
export function permittedStorage(user: StorageUser): Storage {
  const { access, request } = user;
  const gate = new Gate(user);
  return { ...readingMethods(access, gate, request), ...writingMethods(access.unchecked, gate) };
}

/** Checks permissions, and then hands out the storage. */
class Gate {
  readonly #user: StorageUser;

  constructor(user: StorageUser) {
    this.#user = user;
  }

  /** A storage with the methods that the whole one has: the needs of a writing method include a permission to write. */
  async pass(...needs: readonly RequiredPermission[]): Promise<Required<Storage>> {
    const { access, request } = this.#user;
    return (await access.storageFor(needs, request)) as Required<Storage>;
  }

  /** The same, for a method that may create this path. */
  async passNew(path: RemotePath, ...needs: readonly RequiredPermission[]): Promise<Required<Storage>> {
    const storage = await this.pass(...needs);
    await checkNewNames({ portableNames: this.#user.portableNames, storage }, path);
    return storage;
  }
}

function readingMethods(
  access: AccessControl,
  gate: Gate,
  request: CheckedRequest,
): Pick<Storage, 'stat' | 'list' | 'read' | 'readFile'> {
  return {
    async stat(given) {
      const path = checked(given);
      return (await gate.pass({ permission: 'list', path })).stat(path);
    },
    async *list(given, options) {
      const path = checked(given);
      const storage = await gate.pass({ permission: 'list', path });
      yield* access.filterListing(storage.list(path, options), request);
    },
    async read(given) {
      const path = checked(given);
      return (await gate.pass({ permission: 'read', path })).read(path);
    },
    ...(access.unchecked.readFile && {
      async readFile(given: RemotePath) {
        const path = checked(given);
        return (await gate.pass({ permission: 'read', path })).readFile(path);
      },
    }),
  };
}

type OfFiles = 'write' | 'writeFile' | 'append' | 'utimes' | 'chmod';
type OfTree = 'mkdir' | 'remove' | 'rename' | 'copy';
type Writing = OfFiles | OfTree;

function writingMethods(whole: Storage, gate: Gate): Pick<Storage, Writing> {
  const all = { ...fileMethods(gate), ...treeMethods(gate) };
  return Object.fromEntries(Object.entries(all).filter(([name]) => whole[name as Writing] !== undefined));
}

function fileMethods(gate: Gate): Required<Pick<Storage, OfFiles>> {
  return {
    async write(given, options) {
      const path = checked(given);
      return (await gate.passNew(path, { permission: 'write', path })).write(path, options);
    },
    async writeFile(given, pieces, options) {
      const path = checked(given);
      return (await gate.passNew(path, { permission: 'write', path })).writeFile(path, pieces, options);
    },
    async append(given, options) {
      const path = checked(given);
      return (await gate.pass({ permission: 'write', path })).append(path, options);
    },
    async utimes(given, mtime) {
      const path = checked(given);
      return (await gate.pass({ permission: 'write', path })).utimes(path, mtime);
    },
    async chmod(given, mode) {
      const path = checked(given);
      return (await gate.pass({ permission: 'write', path })).chmod(path, mode);
    },
  };
}

function treeMethods(gate: Gate): Required<Pick<Storage, OfTree>> {
  return {
    async mkdir(given, options) {
      const path = checked(given);
      const need = { permission: 'write', path, missingParents: options.recursive } as const;
      return (await gate.passNew(path, need)).mkdir(path, options);
    },
    async remove(given, options) {
      const path = checked(given);
      const need = { permission: 'delete', path, subtree: options.recursive ? path : undefined } as const;
      return (await gate.pass(need)).remove(path, options);
    },
    async rename(given, target, options) {
      const [from, to] = [checked(given), checked(target)];
      const storage = await gate.passNew(
        to,
        { permission: 'delete', path: from, subtree: from },
        { permission: 'read', path: from, subtree: from },
        { permission: 'write', path: to, subtree: from },
      );
      return storage.rename(from, to, options);
    },
    async copy(given, target, options) {
      const [from, to] = [checked(given), checked(target)];
      const needs = [
        { permission: 'read', path: from },
        { permission: 'write', path: to },
      ] as const;
      const storage = await gate.passNew(to, ...needs);
      return storage.copy(from, to, options);
    },
  };
}

/** The code of a program may pass on a text of its client. */
function checked(path: string): RemotePath {
  return path === REMOTE_ROOT ? REMOTE_ROOT : parseRemotePath(path);
}
