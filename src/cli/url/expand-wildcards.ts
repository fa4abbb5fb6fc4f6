/** Finds the files and directories of a pattern, on this side: the server only lists directories. */
import type { FileClient, FileEntry } from '../../index.js';
import { ExitError } from '../runner/exit-error.js';
import { formatRemoteUrl, type RemoteUrl } from './remote-url.js';
import { hasWildcards, matchesName, parseNamePattern, withoutWildcards } from './wildcards.js';

/** Entries of one pattern, and directories to list for it. A server could grow both without end. */
const MAX_MATCHES = 1_000_000;

/** The entries that match, sorted by path. Throws if there is none. */
export async function expandWildcards(
  client: FileClient,
  url: RemoteUrl,
  signal: AbortSignal,
): Promise<FileEntry[]> {
  const segments = url.path.split('/');
  const first = segments.findIndex(hasWildcards);
  let directories = [withoutWildcards(segments.slice(0, first).join('/'))];
  let found: FileEntry[] = [];
  for (const [index, segment] of segments.slice(first).entries()) {
    const isLast = first + index === segments.length - 1;
    found = await matchesIn(client, { directories, segment, signal });
    if (!isLast) directories = found.filter(({ kind }) => kind === 'directory').map(({ path }) => path);
  }
  if (found.length > 0) return found;
  throw new ExitError('missing', `Nothing matches ${formatRemoteUrl(url)}.`, { code: 'ENOENT' });
}

async function matchesIn(
  client: FileClient,
  { directories, segment, signal }: { directories: readonly string[]; segment: string; signal: AbortSignal },
): Promise<FileEntry[]> {
  const pattern = parseNamePattern(segment);
  const found: FileEntry[] = [];
  for (const directory of directories) {
    for await (const entry of client.list(directory, { signal })) {
      const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
      if (!matchesName(pattern, name)) continue;
      if (found.push(entry) > MAX_MATCHES)
        throw new ExitError('limit', `More than ${MAX_MATCHES} entries match.`, { code: 'EFLOOD' });
    }
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}
