/** The files and directories that a URL names. */
import type { FileClient, FileEntry } from '../../index.js';
import { expandWildcards } from '../url/expand-wildcards.js';
import type { RemoteUrl } from '../url/remote-url.js';

/** One entry, or those that match. Throws if there is none. */
export async function namedEntries(
  client: FileClient,
  url: RemoteUrl,
  signal: AbortSignal,
): Promise<FileEntry[]> {
  if (url.isPattern) return expandWildcards(client, url, signal);
  return [await client.stat(`/${url.path}`, { signal })];
}
