/** Reads a directory, or some names in it, as a listing shows them. */
import { unlessMissing, hasErrno } from '../../../fs/errno.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { listablePath } from '../../listable-path.js';
import { etagOf } from '../calls/file-entry.js';
import type { Stats } from '../calls/file-calls.js';
import type { DirectoryContext } from '../directory-context.js';
import type { OpenDirectory } from '../walk/open-directory.js';
import { isPrivateName } from '../walk/private-folder.js';
import type { FoundEntry } from './watched-node.js';

/** Concurrent `lstat` calls. */
const BATCH_SIZE = 16;

export interface ReadRequest {
  readonly path: RemotePath;
  /** Of the directory that is expected there. Undefined: any. */
  readonly identity: string | undefined;
  /** The names to read. Undefined: all. */
  readonly names: ReadonlySet<string> | undefined;
  readonly onProgress?: (() => void) | undefined;
}

/**
 * The entries by their names; without those of `names` that do not exist. Undefined if another directory or none is at the
 * path. Rejects if the directory cannot be read.
 */
export async function readEntries(
  context: DirectoryContext,
  request: ReadRequest,
): Promise<Map<string, FoundEntry> | undefined> {
  try {
    return await context.resolver.inDirectory(request.path, (directory) => read(context, request, directory));
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EBUSY')) return undefined;
    throw error;
  }
}

async function read(
  context: DirectoryContext,
  { path, identity, names, onProgress }: ReadRequest,
  directory: OpenDirectory,
): Promise<Map<string, FoundEntry> | undefined> {
  if (identity !== undefined && identityOf(await context.calls.stat(directory.at('.'))) !== identity)
    return undefined;
  const found = new Map<string, FoundEntry>();
  const shown = [...(names ?? (await allNames(directory)))].filter((name) => !isPrivateName(name));
  for (let start = 0; start < shown.length; start += BATCH_SIZE) {
    const batch = shown.slice(start, start + BATCH_SIZE);
    const entries = await Promise.all(batch.map((name) => entryAt(context, directory, { path, name })));
    for (const [index, entry] of entries.entries()) if (entry) found.set(batch[index] ?? '', entry);
    onProgress?.();
  }
  await directory.confirm();
  return found;
}

async function allNames(directory: OpenDirectory): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const found of directory.names())
    if (found.isFile() || found.isDirectory()) names.add(found.name);
  return names;
}

/** Undefined for what a listing does not show. */
async function entryAt(
  { calls, versions, resolver }: DirectoryContext,
  directory: OpenDirectory,
  { path, name }: { path: RemotePath; name: string },
): Promise<FoundEntry | undefined> {
  const child = listablePath(path, name);
  if (child === undefined || !resolver.canHold(child)) return undefined;
  const local = directory.at(name);
  const stats = await unlessMissing(calls.lstat(local));
  if (!stats?.isFile() && !stats?.isDirectory()) return undefined;
  const entry = await versions.entry(child, stats, local);
  return { entry, identity: identityOf(stats), stamp: entry.kind === 'file' ? etagOf(stats) : '' };
}

/**
 * Tells whether two names are of the same file. The number of a removed file may be given to the next one, which has another
 * time of birth; where the file system knows none, size and time of the content must be the same.
 */
export function identityOf(stats: Stats): string {
  const { dev, ino, birthtimeNs, size, mtimeNs } = stats;
  const birth = birthtimeNs > 0n || stats.isDirectory() ? birthtimeNs : `${size}-${mtimeNs}`;
  return `${dev}-${ino}-${birth}`;
}
