/** Removing: what is inside first, by handles, so that no link that appears on the way leads outside. */
import { unlessMissing } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import type { TreeCursor } from '../walk/tree-cursor.js';
import { readNames } from '../walk/read-names.js';
import type { FileCalls } from '../calls/file-calls.js';
import { kindOf } from '../calls/file-entry.js';
import type { DirectoryContext } from '../directory-context.js';

/** Removes a file, a directory that is empty or, recursive, a directory with all it holds, links themselves included. */
export async function removeFromTree(
  site: DirectoryContext,
  path: RemotePath,
  recursive: boolean,
): Promise<void> {
  const { calls, tree, durable } = site;
  await tree.inParent(path, async (directory, name) => {
    const place = directory.at(name);
    const stats = await calls.lstat(place);
    const kind = kindOf(stats);
    if (kind === 'directory' && recursive) await emptyDirectory(site, path);
    await (kind === 'file' ? calls.unlink(place, Number(stats.size)) : calls.rmdir(place));
    if (durable) await directory.sync();
  });
}

async function emptyDirectory({ calls, tree }: DirectoryContext, path: RemotePath): Promise<void> {
  const descent = await tree.descent(path);
  try {
    // The directories yet to be emptied, per level; the last one is of where the descent is.
    const waiting = [await removeFiles(calls, descent)];
    // Names of the levels below the first.
    const names: string[] = [];
    for (let level = waiting.at(-1); level; level = waiting.at(-1)) {
      const next = level.pop();
      if (next === undefined) {
        waiting.pop();
        await removeEmptied(calls, descent, names.pop());
      } else if (await unlessMissing(descent.down(next))) {
        names.push(next);
        waiting.push(await removeFiles(calls, descent));
      }
    }
  } finally {
    await descent.close();
  }
}

async function removeEmptied(calls: FileCalls, descent: TreeCursor, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  await descent.up();
  await unlessMissing(calls.rmdir((await descent.here()).at(name)));
}

/** Unlinks all but the directories, whose names it resolves with. */
async function removeFiles(calls: FileCalls, descent: TreeCursor): Promise<string[]> {
  const here = await descent.here();
  const directories: string[] = [];
  for await (const found of readNames(calls, here.self)) {
    if (found.isDirectory()) directories.push(found.name);
    else await unlessMissing(calls.unlink(here.at(found.name)));
  }
  return directories;
}
