/** The ids of uploads, under which they can be gone on with. */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { conditionsFor, type FileUploadPlan } from '../local/file-upload-settings.js';
import type { LocalSource } from '../local/local-source.js';
import type { ClientContext } from '../request/client-context.js';

/** An id that nobody guesses, for an upload that this process begins; undefined if the client does not reconnect. */
export function newUploadId({ dispatcher }: ClientContext): string | undefined {
  // Random bytes of its own would cost as much as all else that an upload begins with.
  return dispatcher.reconnects ? randomUUID().replaceAll('-', '') : undefined;
}

/** The same for the same bytes to the same place under the same conditions, by whichever process. */
export function lastingUploadId(
  { checksum }: ClientContext,
  { path, settings }: FileUploadPlan,
  { realPath, version }: Pick<LocalSource, 'realPath' | 'version'>,
): string {
  const { overwrite, ifMatch, mtime } = conditionsFor(settings, version);
  const conditions = [overwrite, ifMatch ?? null, mtime ?? null, checksum];
  const identity = [realPath, ...version.identity];
  const all = [hostname(), process.getuid?.() ?? null, identity, path, conditions];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32);
}
