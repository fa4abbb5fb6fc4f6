/** The names in a directory of a server, for a completion: quick or not at all. */
import type { FileClientOptions } from '../../index.js';
import { loadLibrary } from '../library.js';
import type { NameCache } from './name-cache.js';

/** A name. A directory ends with `/`. */
export type RemoteName = string;

/** Longer than this, a person waits. */
const BUDGET_MS = 1_000;

/** More names than a person reads; a server could send them without end. */
const MAX_NAMES = 1_000;

/** @param key - names the server, user and directory in the cache */
export async function remoteNames(
  { key, directory, open }: { key: string; directory: string; open: () => Promise<FileClientOptions> },
  cache: NameCache,
): Promise<readonly RemoteName[]> {
  const known = await cache.get(key);
  if (known) return known;
  const names = await listed(directory, await open());
  await cache.set(key, names);
  return names;
}

async function listed(directory: string, options: FileClientOptions): Promise<RemoteName[]> {
  const { FileClient } = await loadLibrary();
  const signal = AbortSignal.timeout(BUDGET_MS);
  const client = new FileClient({ ...options, reconnect: false, timeouts: { connectMs: BUDGET_MS } });
  try {
    const names: RemoteName[] = [];
    for await (const { path, kind } of client.list(directory, { signal })) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (names.push(kind === 'directory' ? `${name}/` : name) >= MAX_NAMES) break;
    }
    return names.sort();
  } finally {
    client.destroy();
  }
}
