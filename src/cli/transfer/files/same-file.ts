/** Whether a local and a remote file are equal, by the rules of a synchronisation. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FileClient } from '../../../index.js';

/** Size and modification time. */
export interface FileFacts {
  readonly size: number;
  readonly mtimeMs: number;
}

/** A file that was changed more recently may change again without another size and time. */
const SETTLED_MS = 2_000;

/** Times are kept to the millisecond, and rounded. */
const WINDOW_MS = 1;

/** Whether size and time are equal and, for a file that was changed a moment ago, the content. */
export async function isSameFile(
  client: FileClient,
  {
    local,
    remote,
    paths,
    signal,
  }: {
    local: FileFacts;
    remote: FileFacts;
    paths: { local: string; remote: string };
    signal: AbortSignal;
  },
): Promise<boolean> {
  if (local.size !== remote.size || Math.abs(local.mtimeMs - remote.mtimeMs) > WINDOW_MS) return false;
  if (Date.now() - Math.max(local.mtimeMs, remote.mtimeMs) >= SETTLED_MS) return true;
  const [here, there] = await Promise.all([
    hashOf(paths.local, signal),
    client.checksum(paths.remote, 'sha256', { signal }),
  ]);
  return there.endsWith(here);
}

async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}
