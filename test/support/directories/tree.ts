/** Trees of files on disk: generated, and compared with each other. */
import fs from 'node:fs/promises';
import path from 'node:path';

/** What a tree has, by path: the content of a file, or null for an empty directory. */
export type TreeContent = Record<string, string | Uint8Array | null>;

/** The time of all generated files and directories. */
export const TREE_MTIME = new Date(1_600_000_000_123);

/** Writes files and directories, with their parents. All get the same time. */
export async function writeTree(root: string, content: TreeContent): Promise<void> {
  for (const [below, data] of Object.entries(content)) {
    const file = path.join(root, below);
    await fs.mkdir(data === null ? file : path.dirname(file), { recursive: true });
    if (data === null) continue;
    await fs.writeFile(file, data);
    await fs.utimes(file, TREE_MTIME, TREE_MTIME);
  }
  await setDirectoryTimes(root);
}

/** An entry of a tree: its kind, the content of a file, the time in ms and the permission bits. */
export type TreeState = Record<string, { kind: string; content?: string; mtimeMs: number; mode: number }>;

/** Everything below a root that a server lists, without the root itself. */
export async function treeState(root: string): Promise<TreeState> {
  const state: TreeState = {};
  for (const below of (await fs.readdir(root, { recursive: true })).sort()) {
    // What a server keeps to repeat an answer.
    if (below.split(path.sep).includes('.socket-ftp')) continue;
    const file = path.join(root, below);
    const stats = await fs.lstat(file);
    const common = { mtimeMs: Math.round(stats.mtimeMs), mode: stats.mode & 0o777 };
    if (stats.isFile())
      state[below] = { kind: 'file', content: await fs.readFile(file, 'latin1'), ...common };
    else state[below] = { kind: stats.isDirectory() ? 'directory' : 'other', ...common };
  }
  return state;
}

/** The content of so many small files in directories of 50, some of them nested. */
export function manyFiles(count: number): TreeContent {
  const content: TreeContent = { 'empty/inner': null };
  for (let index = 0; index < count; index++) {
    const directory = Math.floor(index / 50);
    const parent = directory % 3 === 0 ? `package-${directory}/lib` : `package-${directory}`;
    content[`${parent}/file-${index}.js`] = `exports.value = ${index};\n`.repeat(index % 7);
  }
  return content;
}

async function setDirectoryTimes(root: string): Promise<void> {
  const entries = await fs.readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    await fs.utimes(path.join(entry.parentPath, entry.name), TREE_MTIME, TREE_MTIME);
  }
  await fs.utimes(root, TREE_MTIME, TREE_MTIME);
}
