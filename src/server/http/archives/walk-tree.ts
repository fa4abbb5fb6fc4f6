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
    const entries = await entriesOf(session, codec, {
      path,
      isTop: path === top,
      room: MAX_ARCHIVE_ENTRIES - waiting.length,
    });
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

/** What a directory fails with that was removed or replaced meanwhile, or that may not be listed. */
const LEFT_OUT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

/** The entries of a directory, the last one first. None of a directory below the top that cannot be listed. */
async function entriesOf(
  session: HttpSession,
  codec: Codec,
  { path, isTop, room }: { path: RemotePath; isTop: boolean; room: number },
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
    if (isTop || !LEFT_OUT.has(TransferError.from(thrown).code)) throw thrown;
  }
  return entries.sort((one, other) => (one.path < other.path ? 1 : -1));
}
