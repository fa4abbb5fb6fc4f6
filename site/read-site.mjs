// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * The files of a built site by their addresses: the text of each page and picture, and nothing of other files.
 * @param {string} directory
 * @returns {Map<string, string>}
 */
export function readSite(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => [
      path.relative(directory, file).replaceAll(path.sep, '/'),
      /\.(?:html|svg)$/.test(file) ? readFileSync(file, 'utf8') : '',
    ]),
  );
}
