/** Storages that tell a test of their calls, before they carry them out. */
import type { DirectoryStorage } from '../../../src/index.js';

type Method = (...args: unknown[]) => unknown;

/** The storage, with a call before each reading and writing of a file. What `before` throws, the method rejects with. */
export function watched(storage: DirectoryStorage, before: (path: string) => void): DirectoryStorage {
  return replaced(storage, ['write', 'writeFile', 'read', 'readFile', 'resume'], (method) => {
    return async (...args) => {
      before(String(args[0]));
      return method(...args);
    };
  });
}

/** The storage, with a call before each piece of a large file: with the bytes that were read or written before. */
export function watchedBytes(storage: DirectoryStorage, before: (bytes: number) => void): DirectoryStorage {
  let written = 0;
  const count: Wrap = (method) => (pieces) => {
    before(written);
    for (const { length } of pieces as Uint8Array[]) written += length;
    return method(pieces);
  };
  const reading: Wrap =
    (method) =>
    (buffer, position, ...rest) => {
      before(Number(position));
      return method(buffer, position, ...rest);
    };
  const withFile =
    (name: string, wrap: Wrap): Wrap =>
    (method) =>
    async (...args) =>
      replaced((await method(...args)) as object, [name], wrap);
  const reader = replaced(storage, ['read'], withFile('read', reading));
  return replaced(reader, ['write'], withFile('write', count));
}

type Wrap = (method: Method) => Method;

/** The same object, with some methods replaced. */
function replaced<Target extends object>(object: Target, names: readonly string[], wrap: Wrap): Target {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as Method;
      return names.includes(String(name)) ? wrap(method) : method;
    },
  });
}
