/** The operations that answer with one frame: what is at a path, and changes to the tree. */
import { TransferError } from '../../errors.js';
import { entryFields } from '../../protocol/entry.js';
import { checkNewNames } from '../access/check-new-names.js';
import { pathOrRoot, requiredPath, writable, type Operation } from './operation.js';

const stat: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'list', path: pathOrRoot(request) }],
  async run({ request }, { storage }) {
    const { path, ...fields } = entryFields(await storage.stat(pathOrRoot(request)));
    return { path: path || undefined, ...fields };
  },
};

const mkdir: Operation = {
  takesBody: false,
  needs: (request) => [
    { permission: 'write', path: requiredPath(request), missingParents: request.recursive },
  ],
  async run({ request }, service) {
    const path = requiredPath(request);
    const storage = writable(service, 'mkdir');
    await checkNewNames(service, path);
    await storage.mkdir(path, { recursive: request.recursive ?? false });
    return { path };
  },
};

const remove: Operation = {
  takesBody: false,
  needs: (request) => {
    const path = requiredPath(request);
    return [{ permission: 'delete', path, subtree: request.recursive ? path : undefined }];
  },
  async run({ request }, service) {
    const path = requiredPath(request);
    await writable(service, 'remove').remove(path, { recursive: request.recursive ?? false });
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
  async run({ request }, service) {
    const from = requiredPath(request);
    const to = requiredPath(request, 'to');
    const storage = writable(service, 'rename');
    await checkNewNames(service, to);
    await storage.rename(from, to, { overwrite: request.overwrite ?? false });
    return { path: to };
  },
};

const copy: Operation = {
  takesBody: false,
  needs: (request) => [
    { permission: 'read', path: requiredPath(request) },
    { permission: 'write', path: requiredPath(request, 'to') },
  ],
  async run({ request }, service) {
    const from = requiredPath(request);
    const to = requiredPath(request, 'to');
    const storage = writable(service, 'copy');
    await checkNewNames(service, to);
    const entry = await storage.copy(from, to, { overwrite: request.overwrite ?? false });
    return entryFields(entry);
  },
};

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

export const entryOperations = { stat, mkdir, remove, rename, copy, utimes };
