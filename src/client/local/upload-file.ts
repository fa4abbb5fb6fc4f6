/**
 * An upload of a local file: one that is small by the short way, all others so that a later call, also one of another
 * process, can go on with what this one has left.
 */
import fs from 'node:fs/promises';
import { TransferError } from '../../errors.js';
import { parseNonRootPath } from '../request/path-argument.js';
import { BufferUpload } from '../streams/buffer-upload.js';
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
import { ResumableFileUpload } from './resumable-file-upload.js';
import { SmallFileReader, type SmallFile } from './small-file-reader.js';
import { lastingUploadId, newUploadId } from '../streams/upload-id.js';

// Each client has its own: what was read for one server is not read over while another might still be given it.
const readers = new WeakMap<ClientContext, SmallFileReader>();

/** Uploads a local file. Throws a TypeError for an option that is wrong. */
export async function uploadFile(
  context: ClientContext,
  places: { localPath: string | URL; path: string },
  options: UploadFileOptions,
): Promise<UploadedFile> {
  const settings = uploadSettings(options);
  const path = parseNonRootPath('upload', places.path);
  try {
    return await AbortScope.run(options, context.dispatcher.timers, (limit) =>
      uploadLocal(context, { path, settings, limit }, places.localPath),
    );
  } catch (error) {
    // What a listener throws is its own.
    throw error instanceof TransferError ? TransferError.from(error, { operation: 'upload', path }) : error;
  }
}

async function uploadLocal(
  context: ClientContext,
  plan: FileUploadPlan,
  localPath: string | URL,
): Promise<UploadedFile> {
  const reader = readerOf(context);
  const file = await reader.read(localPath);
  if (file) return reader.holding(file, () => uploadSmallFile(context, plan, file));
  const source = await LocalSource.open(localPath);
  try {
    const small = await reader.readFrom(source);
    if (small) return await reader.holding(small, () => uploadSmallFile(context, plan, small));
    return await new ResumableFileUpload(context, plan, source).run();
  } finally {
    await source.close();
  }
}

/** Uploads what was read as a whole: in one round trip if no earlier call has to be asked for. */
async function uploadSmallFile(
  context: ClientContext,
  plan: FileUploadPlan,
  { version, bytes, free }: SmallFile,
): Promise<UploadedFile> {
  const { path, settings, limit } = plan;
  const conditions = conditionsFor(settings, version);
  // Stored twice without a condition it is what it was, so to ask for what an earlier call has left costs more than it
  // can save. Under a condition a second attempt would be refused for what the first one has stored.
  const isOlder = conditions.overwrite === false || conditions.ifMatch !== undefined;
  const realPath = isOlder ? await withLocalPath(version.path, fs.realpath(version.path)) : '';
  const { stored, resumedFrom } = await BufferUpload.run(context, {
    path,
    bytes,
    conditions,
    id: isOlder ? lastingUploadId(context, plan, { realPath, version }) : newUploadId(context),
    isOlder,
    limits: { signal: limit.signal },
    onProgress: settings.onProgress,
    free,
  });
  return { resumedFrom, ...stored };
}

function readerOf(context: ClientContext): SmallFileReader {
  const known = readers.get(context);
  if (known) return known;
  const made = new SmallFileReader();
  readers.set(context, made);
  return made;
}
