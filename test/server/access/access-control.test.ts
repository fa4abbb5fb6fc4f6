import { describe, expect, it } from 'vitest';
import { writingMethods } from '../../../src/contracts/storage/storage-fixture.js';
import {
  DirectoryStorage,
  parseRemotePath,
  readOnly,
  TransferError,
  type Authorize,
  type Permission,
  type Storage,
} from '../../../src/index.js';
import { AccessControl } from '../../../src/server/access/access-control.js';
import { allPermissions } from '../../../src/server/identity.js';
import { operations } from '../../../src/server/operations/operations.js';
import { storageWith } from '../../support/servers/unfriendly.js';

/** The permissions of each operation for the paths of its request. */
const table: Record<keyof typeof operations, readonly [Permission, 'path' | 'to'][]> = {
  download: [['read', 'path']],
  upload: [['write', 'path']],
  list: [['list', 'path']],
  watch: [['list', 'path']],
  stat: [['list', 'path']],
  mkdir: [['write', 'path']],
  remove: [['delete', 'path']],
  rename: [
    ['delete', 'path'],
    ['read', 'path'],
    ['write', 'to'],
  ],
  copy: [
    ['read', 'path'],
    ['write', 'to'],
  ],
  utimes: [['write', 'path']],
  chmod: [['write', 'path']],
  checksum: [['read', 'path']],
  'upload-status': [['write', 'path']],
  quota: [],
  // A permission without a path: `permitsMethod`.
  call: [],
  methods: [],
  stream: [],
  // Each of its requests needs what it would need by itself.
  batch: [],
};

const paths = { path: 'source', to: 'target' };
const rows = Object.entries(table) as [keyof typeof operations, readonly [Permission, 'path' | 'to'][]][];

function accessOf(permissions: readonly Permission[], authorize?: Authorize): AccessControl {
  const storage: Storage = new DirectoryStorage('.');
  return new AccessControl({
    identity: undefined,
    storage,
    readable: readOnly(storage),
    permissions,
    authorize,
  });
}

const request = { onProgress: () => undefined, throwIfCancelled: () => undefined };

/** The storage that an operation gets. */
async function storageFor(access: AccessControl, op: keyof typeof operations): Promise<Storage> {
  return access.storageFor(operations[op].needs({ type: 'open', id: 1, op, ...paths }), request);
}

describe.each(rows)('the operation %s', (op, needs) => {
  it('declares its permissions', () => {
    const declared = operations[op].needs({ type: 'open', id: 1, op, ...paths });
    expect(declared.map(({ permission, path }) => [permission, path])).toEqual(
      needs.map(([effect, field]) => [effect, paths[field]]),
    );
  });

  it.each(allPermissions)('needs the permission to %s only if it does that', async (effect) => {
    const access = accessOf(allPermissions.filter((other) => other !== effect));
    const isNeeded = needs.some(([needed]) => needed === effect);
    if (isNeeded) await expect(storageFor(access, op)).rejects.toMatchObject({ code: 'EACCES' });
    else await expect(storageFor(access, op)).resolves.toBeDefined();
  });

  it('is permitted by exactly the permissions that it declares', async () => {
    await expect(storageFor(accessOf(needs.map(([effect]) => effect)), op)).resolves.toBeDefined();
    if (needs.length > 0)
      await expect(storageFor(accessOf([]), op)).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('ftp-srv read-only: no command that does not declare writing gets a storage with methods that write', async () => {
    const storage = await storageFor(accessOf(allPermissions), op);
    const writes = needs.some(([effect]) => effect === 'write' || effect === 'delete');
    for (const method of writingMethods) expect(method in storage, method).toBe(writes);
  });
});

describe('authorize', () => {
  it.each<[string, unknown]>([
    ['1', 1],
    ['a text', 'yes'],
    ['an object', {}],
    ['a promise in an object', { value: Promise.resolve(true) }],
    ['nothing', undefined],
    ['null', null],
    ['false', false],
    ['a promise of a text', Promise.resolve('yes')],
    ['a boxed true', Object(true)],
  ])('denies the request with %s', async (_, said) => {
    const access = accessOf(allPermissions, () => said as boolean);
    await expect(storageFor(access, 'stat')).rejects.toMatchObject({ code: 'EACCES' });
  });

  it.each([true, Promise.resolve(true)])('permits the request with true, at once or later', async (said) => {
    await expect(
      storageFor(
        accessOf(allPermissions, () => said),
        'stat',
      ),
    ).resolves.toBeDefined();
  });

  it('is not called without the permission, and cannot grant it', async () => {
    let asked = 0;
    const access = accessOf(['read'], () => {
      asked += 1;
      return true;
    });
    await expect(storageFor(access, 'upload')).rejects.toMatchObject({ code: 'EACCES' });
    expect(asked).toBe(0);
  });

  it('denies the request when it throws or rejects', async () => {
    const fails: Authorize[] = [
      () => {
        throw new Error('rules.json: no such file');
      },
      () => Promise.reject(new Error('rules.json: no such file')),
    ];
    for (const authorize of fails) {
      await expect(storageFor(accessOf(allPermissions, authorize), 'stat')).rejects.toThrow();
    }
  });

  it('is called with the identity, the permission and the path', async () => {
    const asked: unknown[] = [];
    const identity = { name: 'ann', team: 'sales' };
    const storage = storageWith({});
    const authorize: Authorize = (...question) => {
      asked.push(question);
      return true;
    };
    const access = new AccessControl({
      identity,
      storage,
      readable: storage,
      permissions: allPermissions,
      authorize,
    });
    await storageFor(access, 'copy');
    await access.storageFor([{ permission: 'list', path: parseRemotePath('a/b') }], request);
    expect(asked).toEqual([
      [identity, 'read', 'source'],
      [identity, 'write', 'target'],
      [identity, 'list', 'a/b'],
    ]);
  });
});

describe('names that a listing leaves out', () => {
  const many = 10_000_000;
  const names = new Map([
    [parseRemotePath('a/b'), many],
    [parseRemotePath('a/secret'), many],
  ]);
  const authorize: Authorize = (_identity, _permission, path) => path !== 'a/secret';

  it('are counted where the client may list their directories, with one check of each directory', async () => {
    const asked: string[] = [];
    let steps = 0;
    const access = accessOf(allPermissions, (identity, permission, path) => {
      asked.push(path);
      return authorize(identity, permission, path);
    });
    const counting = { ...request, onProgress: () => void (steps += 1) };
    expect(await access.countListable(names, parseRemotePath('a'), counting)).toBe(many);
    expect(asked).toEqual(['a/b', 'a/secret']);
    expect(steps).toBe(1);
    expect(await accessOf(allPermissions).countListable(names, parseRemotePath('a'), request)).toBe(2 * many);
  });

  it('are not counted for a request that was cancelled', async () => {
    const asked: string[] = [];
    const access = accessOf(allPermissions, (_identity, _permission, path) => asked.push(path) > 0);
    const throwIfCancelled = (): void => {
      if (asked.length > 0) throw new TransferError('ECANCELED');
    };
    const counting = access.countListable(names, parseRemotePath('a'), { ...request, throwIfCancelled });
    await expect(counting).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(asked).toEqual(['a/b']);
  });
});

describe('the scoped id of an upload', () => {
  const of = (name: string | undefined): AccessControl => {
    const storage = storageWith({});
    const identity = name === undefined ? undefined : { name };
    return new AccessControl({
      identity,
      storage,
      readable: storage,
      permissions: allPermissions,
      authorize: undefined,
    });
  };
  const id = '0123456789abcdef0123456789abcdef';

  it('differs for each identity, is the same for all connections of one, and has the format of an id', () => {
    const ids = ['ann', 'bob', 'a', undefined].map((name) => of(name).scopedUploadId(id));
    expect(new Set(ids).size).toBe(4);
    expect(of('ann').scopedUploadId(id)).toBe(ids[0]);
    for (const one of ids) expect(one).toMatch(/^[0-9a-f]{32}$/);
  });
});
