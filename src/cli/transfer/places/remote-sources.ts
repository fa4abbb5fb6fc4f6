/** The files and directories that the URLs of a download name. */
import type { FileClient } from '../../../index.js';
import { errorCode } from '../../runner/exit-of.js';
import { expandWildcards } from '../../url/expand-wildcards.js';
import type { RemoteUrl } from '../../url/remote-url.js';

/** A source, as the server describes it. */
export interface FoundSource {
  readonly path: string;
  readonly kind: 'file' | 'directory';
  /** Undefined if this user may read files, and not ask for them. */
  readonly size: number | undefined;
  readonly mtimeMs: number | undefined;
  /** The path below the target, for sources that are put into it. */
  readonly name: string;
}

/** The sources of a URL: one, those of a pattern, or those of a list of names. */
export async function remoteSources(
  client: FileClient,
  url: RemoteUrl,
  { names, signal }: { names: readonly string[] | undefined; signal: AbortSignal },
): Promise<FoundSource[]> {
  if (url.isPattern) {
    const entries = await expandWildcards(client, url, signal);
    return entries.map(({ path, kind, size, mtime }) => {
      return { path, kind, size, mtimeMs: mtime.getTime(), name: lastName(path) };
    });
  }
  if (names === undefined) return [await sourceAt(client, url.path, { name: lastName(url.path), signal })];
  const found: FoundSource[] = [];
  for (const name of names) {
    const path = url.path === '' ? name : `${url.path}/${name}`;
    found.push(await sourceAt(client, path, { name, signal }));
  }
  return found;
}

async function sourceAt(
  client: FileClient,
  path: string,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<FoundSource> {
  if (path === '') return { path, name, kind: 'directory', size: undefined, mtimeMs: undefined };
  try {
    const { kind, size, mtime } = await client.stat(path, { signal });
    return { path, name, kind, size, mtimeMs: mtime.getTime() };
  } catch (error) {
    if (errorCode(error) !== 'EACCES') throw error;
    return { path, name, kind: 'file', size: undefined, mtimeMs: undefined };
  }
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
