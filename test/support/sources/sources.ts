/** The sources of the library. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '../repository.js';

/** Every file below `src`, by its path there, `/`-separated. */
export async function readSources(): Promise<Map<string, string>> {
  const folder = path.join(repositoryRoot, 'src');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const read = async (name: string): Promise<[string, string]> => [
    name.replaceAll(path.sep, '/'),
    await readFile(path.join(folder, name), 'utf8'),
  ];
  return new Map(await Promise.all(names.map(read)));
}
