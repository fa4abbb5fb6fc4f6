/** The documents that people read: those at the top, the guides, the examples'. What tools wrote is not among them. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '../support/repository.js';

/** The documents' texts by their names, relative to the repository and `/`-separated. */
export async function readDocuments(): Promise<Map<string, string>> {
  const names = await Promise.all(['.', 'docs', 'examples'].map(documentsIn));
  return textsOf(names.flat());
}

/** The texts of files by their names. */
export async function textsOf(names: readonly string[]): Promise<Map<string, string>> {
  const read = async (name: string) =>
    [name, await readFile(path.join(repositoryRoot, name), 'utf8')] as const;
  return new Map(await Promise.all(names.map(read)));
}

async function documentsIn(folder: string): Promise<string[]> {
  const names = await readdir(path.join(repositoryRoot, folder));
  const documents = names.filter((name) => /^(?!CHANGELOG).*(?<!\.api)\.md$/.test(name));
  return documents.map((name) => path.posix.join(folder, name));
}
