/**
 * The operation `upload-status`: how far an upload came, by its id. It only reads: the upload is neither taken over nor
 * kept for longer.
 *
 *     stored, in the memory of the server  -> its result
 *     running                              -> its bytes
 *     suspended, held by the server        -> its bytes and its expiry
 *     known to the storage                 -> its bytes and its expiry, or its result
 *     unknown                              -> EGONE
 */
import { TransferError } from '../../errors.js';
import { entryFields } from '../../protocol/entry.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { AnswerFields } from '../../session/channel/server-channel.js';
import type { Storage } from '../../storage/storage.js';
import { requiredPath, requireUploadId, type Operation } from './operation.js';

export const uploadStatus: Operation = {
  takesBody: false,
  needs: (request) => [{ permission: 'write', path: requiredPath(request) }],
  async run({ request }, { access, uploads, storage }) {
    const path = requiredPath(request);
    const { upload } = request;
    if (upload === undefined)
      throw new TransferError('EINVAL', 'The operation upload-status needs an upload.');
    requireUploadId(upload);
    const id = access.scopedUploadId(upload);
    const known = uploads.statusOf(id, path);
    if (known?.kind === 'stored') return known.result;
    if (known?.kind === 'suspended') return { path, offset: known.offset, expiresIn: known.expiresInMs };
    if (known?.offset !== undefined) return { path, offset: known.offset };
    const inStorage = await statusInStorage(storage, path, id);
    // The request that has begun keeps the upload from its expiry.
    if (known && inStorage?.kind === undefined) return { path, offset: inStorage?.offset ?? 0 };
    if (inStorage) return inStorage;
    throw new TransferError('EGONE', 'The server does not know this upload.');
  },
};

async function statusInStorage(
  storage: Storage,
  path: RemotePath,
  id: string,
): Promise<AnswerFields<'result'> | undefined> {
  const found = await storage.uploadStatus?.(path, id);
  if (!found) return undefined;
  if (found.kind === 'suspended') return { path, offset: found.bytes, expiresIn: found.expiresInMs };
  const { entry, commitToken } = found;
  return { ...entryFields(entry), bytes: entry.size, checksum: commitToken || undefined };
}
