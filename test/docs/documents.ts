/** The documents that people read: at the top, in `docs/`, `examples/` and `test/`. Generated ones are not among them. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '../support/repository.js';

/** The documents' texts by their names, relative to the repository and `/`-separated. */
export async function readDocuments(): Promise<Map<string, string>> {
  const names = await Promise.all(['docs', 'examples', 'test'].map((folder) => documentsIn(folder, true)));
  return textsOf([await documentsIn('.', false), ...names].flat());
}

/** The texts of files by their names. */
export async function textsOf(names: readonly string[]): Promise<Map<string, string>> {
  const read = async (name: string) =>
    [name, await readFile(path.join(repositoryRoot, name), 'utf8')] as const;
  return new Map(await Promise.all(names.map(read)));
}

async function documentsIn(folder: string, recursive: boolean): Promise<string[]> {
  const names = await readdir(path.join(repositoryRoot, folder), { recursive });
  return names
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .filter((name) => /(?<!\.api)\.md$/.test(name) && !generated.test(name));
}

/** A changelog, the API reference, and packages that are installed in a folder of tests. */
const generated = /(^|\/)(CHANGELOG|node_modules\/|docs\/api\/)/;
