/** The operations that answer with one frame: what is at a path, changes to the tree, and the quota. */
import { TransferError } from '../../errors.js';
import { entryFields, type EntryFields, type FileEntry } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { StorageReplaceOptions } from '../../storage/storage.js';
import { checkNewNames } from '../access/check-new-names.js';
import type { Exchange } from '../request/exchange.js';
import {
  modeOf,
  pathOrRoot,
  requiredPath,
  writable,
  type Operation,
  type OperationResult,
} from './operation.js';

const stat: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'list', path: pathOrRoot(request) }],
  // The storage of a program in JavaScript may return the entry itself.
  run: ({ request }, { storage }) => Promise.resolve(storage.stat(pathOrRoot(request))).then(statResult),
};

function statResult(entry: FileEntry): OperationResult {
  const fields: EntryFields = entryFields(entry);
  if (fields.path === '') fields.path = undefined;
  return fields;
}

const mkdir: Operation = {
  takesBody: false,
  needs: (request) => [
    { permission: 'write', path: requiredPath(request), missingParents: request.recursive },
  ],
  async run(exchange, service) {
    const { recursive = false } = exchange.request;
    const path = requiredPath(exchange.request);
    const storage = writable(service, 'mkdir');
    await checkNewNames(service, path);
    await storage.mkdir(path, { recursive, onProgress: exchange.onProgress });
    return { path };
  },
};

const remove: Operation = {
  takesBody: false,
  needs: (request) => {
    const path = requiredPath(request);
    return [{ permission: 'delete', path, subtree: request.recursive ? path : undefined }];
  },
  async run(exchange, service) {
    const { recursive = false } = exchange.request;
    const path = requiredPath(exchange.request);
    await writable(service, 'remove').remove(path, { recursive, onProgress: exchange.onProgress });
    return { path };
  },
};

const rename: Operation = {
  takesBody: false,
  // The old path loses the file, and the new one makes it readable under other rules.
  needs: (request) => {
    const from = requiredPath(request);
    return [
      { permission: 'delete', path: from, subtree: from },
      { permission: 'read', path: from, subtree: from },
      { permission: 'write', path: requiredPath(request, 'to'), subtree: from },
    ];
  },
  async run(exchange, service) {
    const { from, to, options } = moveOf(exchange);
    const storage = writable(service, 'rename');
    await checkNewNames(service, to);
    await storage.rename(from, to, options);
    return { path: to };
  },
};

const copy: Operation = {
  takesBody: false,
  needs: (request) => [
    { permission: 'read', path: requiredPath(request) },
    { permission: 'write', path: requiredPath(request, 'to') },
  ],
  async run(exchange, service) {
    const { from, to, options } = moveOf(exchange);
    const storage = writable(service, 'copy');
    await checkNewNames(service, to);
    return entryFields(await storage.copy(from, to, options));
  },
};

/** The arguments of a `rename` or `copy`. */
function moveOf(exchange: Exchange): { from: RemotePath; to: RemotePath; options: StorageReplaceOptions } {
  const { request } = exchange;
  return {
    from: requiredPath(request),
    to: requiredPath(request, 'to'),
    options: { overwrite: request.overwrite ?? false, onProgress: exchange.onProgress },
  };
}

const utimes: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'write', path: requiredPath(request) }],
  async run({ request }, service) {
    const path = requiredPath(request);
    const storage = writable(service, 'utimes');
    if (request.mtime === undefined)
      throw new TransferError('EINVAL', 'The operation utimes needs an mtime.');
    return entryFields(await storage.utimes(path, new Date(request.mtime)));
  },
};

const chmod: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'write', path: requiredPath(request) }],
  async run({ request }, service) {
    const path = requiredPath(request);
    const storage = writable(service, 'chmod');
    const mode = modeOf(request);
    if (mode === undefined) throw new TransferError('EINVAL', 'The operation chmod needs a mode.');
    return entryFields(await storage.chmod(path, mode));
  },
};

const quota: Operation = {
  takesBody: false,
  // Of the identity itself.
  needs: () => [],
  run: (exchange, { access }) => access.quotaStatus(exchange.onProgress),
};

export const entryOperations = { stat, mkdir, remove, rename, copy, utimes, chmod, quota };
