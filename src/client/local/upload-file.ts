/**
 * Uploads a local file.
 *
 *     small: SmallFileReader, or LocalSource -> all bytes -> uploadBuffer
 *     other: LocalSource -> ResumableFileUpload
 */
import fs from 'node:fs/promises';
import { TransferError } from '../../errors.js';
import { parseNonRootPath } from '../request/path-argument.js';
import { uploadBuffer } from '../streams/upload-buffer.js';
import { AbortScope } from '../request/abort-scope.js';
import {
  conditionsFor,
  uploadSettings,
  type FileUploadPlan,
  type UploadedFile,
  type UploadFileOptions,
} from './file-upload-settings.js';
import { withLocalPath } from './local-error.js';
import { LocalSource } from './local-source.js';
import type { ClientContext } from '../request/client-context.js';
import { ResumableFileUpload, resumableUploadId } from './resumable-file-upload.js';
import { SmallFileReader, type SmallFile } from './small-file-reader.js';

// One per client: a buffer that one server may still be sent is never reused for a file of another server.
const readers = new WeakMap<ClientContext, SmallFileReader>();

/** Throws a TypeError for a wrong option. */
export async function uploadFile(
  context: ClientContext,
  places: { localPath: string | URL; path: string },
  options: UploadFileOptions,
): Promise<UploadedFile> {
  const settings = uploadSettings(options);
  const path = parseNonRootPath('upload', places.path);
  try {
    return await AbortScope.run(options, context.dispatcher.timers, (scope) =>
      uploadLocal(context, { path, settings, scope }, places.localPath),
    );
  } catch (error) {
    // Errors thrown by onProgress stay as they are.
    throw error instanceof TransferError ? TransferError.from(error, { operation: 'upload', path }) : error;
  }
}

async function uploadLocal(
  context: ClientContext,
  plan: FileUploadPlan,
  localPath: string | URL,
): Promise<UploadedFile> {
  const reader = readers.get(context) ?? new SmallFileReader();
  readers.set(context, reader);
  const file = await reader.read(localPath);
  if (file) return reader.holding(file, () => uploadSmallFile(context, plan, file));
  const source = await LocalSource.open(localPath);
  try {
    const small = await reader.readFrom(source);
    if (small) return await reader.holding(small, () => uploadSmallFile(context, plan, small));
    await source.confirmSize();
    return await new ResumableFileUpload(context, plan, source).run();
  } finally {
    await source.close();
  }
}

async function uploadSmallFile(
  context: ClientContext,
  plan: FileUploadPlan,
  { version, bytes, free }: SmallFile,
): Promise<UploadedFile> {
  const { path, settings, scope } = plan;
  const conditions = conditionsFor(settings, version);
  // To ask for the offset of an earlier call costs a round trip, more than sending the file again. But under a condition
  // a second upload would be refused because of the file that the first one has stored.
  const resumes = conditions.overwrite === false || conditions.ifMatch !== undefined;
  const realPath = resumes ? await withLocalPath(version.path, fs.realpath(version.path)) : '';
  const { stored, resumedFrom } = await uploadBuffer(context, {
    path,
    bytes,
    conditions,
    resumeId: resumes ? resumableUploadId(context, plan, { realPath, version }) : undefined,
    options: { signal: scope.signal },
    onProgress: settings.onProgress,
    free,
  });
  return { resumedFrom, ...stored };
}
