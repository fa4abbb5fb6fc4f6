/** All entries below a directory, a directory before what it contains, in the order of names. */
import type { Codec } from '../../../codecs/codec.js';
import { TransferError } from '../../../errors.js';
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { MAX_ARCHIVE_ENTRIES } from '../limits.js';
import type { HttpSession } from '../session/http-session.js';
import { listDirectory } from '../session/list-directory.js';

/** Throws EFBIG if the directories on the way down have too many entries to keep in memory. */
export async function* walkTree(
  session: HttpSession,
  codec: Codec,
  top: RemotePath,
): AsyncGenerator<FileEntry, undefined, undefined> {
  // The last entry is the next one.
  const waiting: FileEntry[] = [];
  for (let path: RemotePath | undefined = top; path !== undefined;) {
    const entries = await entriesOf(session, codec, { path, room: MAX_ARCHIVE_ENTRIES - waiting.length });
    for (const entry of entries) waiting.push(entry);
    path = undefined;
    while (path === undefined && waiting.length > 0) {
      const entry = waiting.pop();
      if (!entry) break;
      yield entry;
      if (entry.kind === 'directory') path = entry.path;
    }
  }
  return undefined;
}

/** The entries of a directory, the last one first. None if it was removed meanwhile. */
async function entriesOf(
  session: HttpSession,
  codec: Codec,
  { path, room }: { path: RemotePath; room: number },
): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  try {
    for await (const batch of listDirectory(session, codec, path)) {
      entries.push(...batch);
      if (entries.length > room)
        throw new TransferError(
          'EFBIG',
          `The archive would need more than ${MAX_ARCHIVE_ENTRIES} names at once.`,
        );
    }
  } catch (thrown) {
    if (TransferError.from(thrown).code !== 'ENOENT' || path === '') throw thrown;
  }
  return entries.sort((one, other) => (one.path < other.path ? 1 : -1));
}
