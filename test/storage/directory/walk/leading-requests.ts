/** Requests on paths that are replaced by links meanwhile, each with its returned data. */
import { bytesAt } from '../../../../src/contracts/storage/storage-fixture.js';
import type { DirectoryStorage } from '../../../../src/storage/directory/directory-storage.js';
import type { FileEntry } from '../../../../src/protocol/entry.js';
import type { PendingFile } from '../../../../src/storage/storage.js';
import { at } from '../directory-fixture.js';
import { resumed, uploadId } from './secrets.js';

/** Makes the n-th request. Resolves with all returned data. */
export type LeadingRequest = (storage: DirectoryStorage, number: number) => Promise<readonly string[]>;

const replace = { overwrite: true };

/** Those that read only. */
export const looking: Record<string, LeadingRequest> = {
  'reads a file': async (storage) => [(await bytesAt(storage, 'folder/file')).toString()],
  'reads a file further below': async (storage) => [(await bytesAt(storage, 'folder/inner/file')).toString()],
  'looks at a file': async (storage) => [told(await storage.stat(at('folder/file')))],
  'looks at a file further below': async (storage) => [told(await storage.stat(at('folder/inner/file')))],
  'lists a directory': (storage) => listing(storage, 'folder', false),
  'lists a tree': (storage) => listing(storage, 'folder', true),
  'lists the root': (storage) => listing(storage, '', true),
};

/** Those that change something. */
export const changing: Record<string, LeadingRequest> = {
  'writes a file': async (storage, number) => {
    return written(await storage.write(at(`folder/new-${number % 10}`), replace));
  },
  'replaces a file further below': async (storage) => {
    return written(await storage.write(at('folder/inner/file'), replace));
  },
  'writes a file that must be new': async (storage, number) => {
    return written(await storage.write(at(`folder/created-${number % 100}`), { overwrite: false }));
  },
  'goes on with a file': async (storage) => {
    const found = await storage.resume(resumed, { ...replace, uploadId });
    if (found?.kind === 'pending') {
      await found.pending.write([Buffer.from(' and on')]);
      return [told(await found.pending.commit('token'))];
    }
    const pending = await storage.write(resumed, { ...replace, uploadId });
    await pending.write([Buffer.from('public')]);
    await pending.suspend?.();
    return [];
  },
  'makes a directory': async (storage, number) => {
    await storage.mkdir(at(`folder/made-${number % 10}`), { recursive: false });
    return [];
  },
  'makes directories': async (storage, number) => {
    await storage.mkdir(at(`folder/deep-${number % 10}/a/b`), { recursive: true });
    return [];
  },
  'removes a file of the outside': async (storage) => {
    await storage.remove(at('folder/secret'), { recursive: false });
    return ['A secret was removed.'];
  },
  'removes a directory': async (storage, number) => {
    await storage.remove(at(`folder/deep-${number % 10}`), { recursive: true });
    return [];
  },
  'removes a directory further below': async (storage) => {
    await storage.remove(at('folder/inner'), { recursive: true });
    await storage.mkdir(at('folder/inner'), { recursive: true });
    return written(await storage.write(at('folder/inner/file'), replace));
  },
  'renames a file of the outside': async (storage) => {
    await storage.rename(at('folder/secret'), at('taken'), replace);
    return ['A secret was taken.'];
  },
  'renames a file into a directory': async (storage, number) => {
    await written(await storage.write(at(`mine-${number}`), replace));
    await storage.rename(at(`mine-${number}`), at(`folder/mine-${number % 10}`), replace);
    return [];
  },
  'renames a file within a directory': async (storage, number) => {
    await storage.rename(at(`folder/new-${number % 10}`), at(`folder/renamed-${number % 100}`), {
      overwrite: false,
    });
    return [];
  },
  'copies a file of the outside': async (storage) => {
    await storage.copy(at('folder/secret'), at('copied'), replace);
    return ['A secret was copied.'];
  },
  'copies a file': async (storage, number) => {
    return [told(await storage.copy(at('folder/file'), at(`folder/copied-${number % 10}`), replace))];
  },
};

async function listing(
  storage: DirectoryStorage,
  directory: string,
  recursive: boolean,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of storage.list(at(directory), { recursive })) found.push(told(entry));
  return found;
}

async function written(pending: PendingFile): Promise<readonly string[]> {
  await pending.write([Buffer.from('public')]);
  return [told(await pending.commit())];
}

function told({ path, size }: FileEntry): string {
  return `${path}, size ${size}`;
}
