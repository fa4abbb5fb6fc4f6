/** The packages of this folder, which has a `package.json` of its own so that the library needs none of them. */
// @ts-check
import { readFile } from 'node:fs/promises';

/** Loads a package; the caller declares the members in use. @type {(name: string) => Promise<any>} */
export function load(name) {
  return import(name);
}

/** The version that is installed; undefined if none is. @type {(name: string) => Promise<string | undefined>} */
export async function versionOf(name) {
  try {
    const manifest = await readFile(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8');
    return /** @type {{ version: string }} */ (JSON.parse(manifest)).version;
  } catch {
    return undefined;
  }
}
