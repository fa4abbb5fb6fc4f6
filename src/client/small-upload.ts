/** An upload of a small local file, which was read whole: it goes out at once, in one round trip. */
import fs from 'node:fs/promises';
import { dateOption } from '../protocol/option.js';
import { mtimeFor, type FileUploadPlan } from './file-upload-settings.js';
import { local } from './local-failure.js';
import type { Requester } from './requester.js';
import type { SmallFile } from './small-files.js';
import { lastingUploadId, newUploadId } from './upload-id.js';
import { uploadWhole, type StoredWhole } from './whole-upload.js';

/** Uploads it as the plan says, and under its conditions. */
export async function uploadSmall(
  requester: Requester,
  plan: FileUploadPlan,
  { version, bytes, free }: SmallFile,
): Promise<StoredWhole> {
  const { path, settings, limit } = plan;
  const { overwrite, ifMatch, onProgress } = settings;
  // Stored twice without a condition it is what it was, so to ask for what an earlier call has left costs more than it
  // can save. Under a condition a second attempt would be refused for what the first one has stored.
  const isOlder = !overwrite || ifMatch !== undefined;
  const conditions = { mtime: dateOption('mtime', mtimeFor(settings, version.mtimeMs)), overwrite, ifMatch };
  const id = isOlder ? await lastingId(requester, plan, version) : passingId(requester);
  return uploadWhole(requester, {
    path,
    bytes,
    conditions,
    id,
    isOlder,
    signal: limit.signal,
    onProgress,
    free,
  });
}

/** One for the attempts of this call, if there can be more than one of them. */
function passingId({ link }: Requester): string | undefined {
  return link.reconnects ? newUploadId() : undefined;
}

async function lastingId(
  { checksum }: Requester,
  plan: FileUploadPlan,
  version: SmallFile['version'],
): Promise<string> {
  const realPath = await local(version.path, fs.realpath(version.path));
  return lastingUploadId(plan, { realPath, version, checksum });
}
