/**
 * A storage as one client may use it, for code of the program that serves the client: each call is checked as the request
 * of the client for the same would be.
 *
 *     method(path) -> parseRemotePath -> AccessControl.storageFor(needs) -> Storage
 */
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';
import type { Storage } from '../../storage/storage.js';
import type { AccessControl, CheckedRequest, RequiredPermission } from './access-control.js';

/** The storage of a client. It lacks the methods that the storage lacks, and those that resume uploads. */
export function permittedStorage(access: AccessControl, request: CheckedRequest): Storage {
  const gate = new Gate(access, request);
  return { ...readingMethods(access, gate, request), ...writingMethods(access.unchecked, gate) };
}

/** Checks permissions, and then hands out the storage. */
class Gate {
  readonly #access: AccessControl;
  readonly #request: CheckedRequest;

  constructor(access: AccessControl, request: CheckedRequest) {
    this.#access = access;
    this.#request = request;
  }

  /** A storage with the methods that the whole one has: the needs of a writing method include a permission to write. */
  async pass(...needs: readonly RequiredPermission[]): Promise<Required<Storage>> {
    return (await this.#access.storageFor(needs, this.#request)) as Required<Storage>;
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

type Writing = 'write' | 'writeFile' | 'append' | 'utimes' | 'mkdir' | 'remove' | 'rename' | 'copy';

function writingMethods(whole: Storage, gate: Gate): Pick<Storage, Writing> {
  const all = { ...fileMethods(gate), ...treeMethods(gate) };
  return Object.fromEntries(Object.entries(all).filter(([name]) => whole[name as Writing] !== undefined));
}

function fileMethods(gate: Gate): Required<Pick<Storage, 'write' | 'writeFile' | 'append' | 'utimes'>> {
  return {
    async write(given, options) {
      const path = checked(given);
      return (await gate.pass({ permission: 'write', path })).write(path, options);
    },
    async writeFile(given, pieces, options) {
      const path = checked(given);
      return (await gate.pass({ permission: 'write', path })).writeFile(path, pieces, options);
    },
    async append(given, options) {
      const path = checked(given);
      return (await gate.pass({ permission: 'write', path })).append(path, options);
    },
    async utimes(given, mtime) {
      const path = checked(given);
      return (await gate.pass({ permission: 'write', path })).utimes(path, mtime);
    },
  };
}

function treeMethods(gate: Gate): Required<Pick<Storage, 'mkdir' | 'remove' | 'rename' | 'copy'>> {
  return {
    async mkdir(given, options) {
      const path = checked(given);
      const need = { permission: 'write', path, missingParents: options.recursive } as const;
      return (await gate.pass(need)).mkdir(path, options);
    },
    async remove(given, options) {
      const path = checked(given);
      const need = { permission: 'delete', path, subtree: options.recursive ? path : undefined } as const;
      return (await gate.pass(need)).remove(path, options);
    },
    async rename(given, target, options) {
      const [from, to] = [checked(given), checked(target)];
      const storage = await gate.pass(
        { permission: 'delete', path: from, subtree: from },
        { permission: 'read', path: from, subtree: from },
        { permission: 'write', path: to, subtree: from },
      );
      return storage.rename(from, to, options);
    },
    async copy(given, target, options) {
      const [from, to] = [checked(given), checked(target)];
      const storage = await gate.pass({ permission: 'read', path: from }, { permission: 'write', path: to });
      return storage.copy(from, to, options);
    },
  };
}

/** The code of a program may pass on a text of its client. */
function checked(path: string): RemotePath {
  return path === REMOTE_ROOT ? REMOTE_ROOT : parseRemotePath(path);
}
