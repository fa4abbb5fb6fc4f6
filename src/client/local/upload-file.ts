/**
 * Uploads a local file.
 *
 *     OpenFileLimiter -> small: SmallFileReader, or LocalSource -> all bytes, closed -> uploadBuffer
 *                     -> other: LocalSource -> ResumableFileUpload -> closed
 */
import fs from 'node:fs/promises';
import { TransferError, withCallStack } from '../../errors.js';
import { parseFilePath } from '../request/path-argument.js';
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
import { LocalSource, type OpenRules } from './local-source.js';
import { absoluteLocalPath } from './local-target.js';
import { isOutOfHandles, openFileLimiterOf } from './open-file-limiter.js';
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
  const path = parseFilePath('upload', places.path);
  const localPath = absoluteLocalPath(places.localPath);
  try {
    return await AbortScope.run(options, context.dispatcher.timers, (scope) =>
      uploadLocal(context, { path, settings, scope }, localPath),
    );
  } catch (error) {
    // Errors thrown by onProgress stay as they are.
    throw error instanceof TransferError
      ? withCallStack(TransferError.from(error, { operation: 'upload', path }))
      : error;
  }
}

/** Uploads a local file by an absolute path. */
export async function uploadLocal(
  context: ClientContext,
  plan: FileUploadPlan,
  localPath: string,
): Promise<UploadedFile> {
  const reader = smallFileReaderOf(context);
  const { small, stored } = await openFileLimiterOf(context).run(plan.scope, () =>
    readOrUpload(context, plan, { reader, localPath }),
  );
  return small ? reader.holding(small, () => uploadSmallFile(context, plan, small)) : stored;
}

/** Reads a small local file by an absolute path; its bytes count as held until the reader releases it. Undefined for any other file. */
export async function readSmallFile(
  context: ClientContext,
  { localPath, scope, refusesLink }: Pick<FileUploadPlan, 'scope' | 'refusesLink'> & { localPath: string },
): Promise<SmallFile | undefined> {
  const reader = smallFileReaderOf(context);
  return (
    (await readAtOnce(reader, localPath)) ??
    (await openFileLimiterOf(context).run(scope, () => readSmall(reader, localPath, { refusesLink })))
  );
}

/** Reads a file without a place of the limiter, as it is closed within the tick. Undefined if that is not possible. */
async function readAtOnce(reader: SmallFileReader, localPath: string): Promise<SmallFile | undefined> {
  try {
    return await reader.read(localPath);
  } catch (error) {
    if (isOutOfHandles(error)) return undefined;
    throw error;
  }
}

/** The reader of small files of a client. */
export function smallFileReaderOf(context: ClientContext): SmallFileReader {
  const reader = readers.get(context) ?? new SmallFileReader(context);
  readers.set(context, reader);
  return reader;
}

async function readSmall(
  reader: SmallFileReader,
  localPath: string,
  rules: OpenRules,
): Promise<SmallFile | undefined> {
  const file = await reader.read(localPath);
  if (file) return file;
  const source = await LocalSource.open(localPath, rules);
  try {
    return await reader.readFrom(source);
  } finally {
    await source.close();
  }
}

/** Reads a small file, and uploads any other one. */
async function readOrUpload(
  context: ClientContext,
  plan: FileUploadPlan,
  { reader, localPath }: { reader: SmallFileReader; localPath: string },
): Promise<{ small: SmallFile; stored?: undefined } | { small?: undefined; stored: UploadedFile }> {
  const file = await reader.read(localPath);
  if (file) return { small: file };
  const source = await LocalSource.open(localPath, plan);
  try {
    const small = await reader.readFrom(source);
    if (small) return { small };
    await source.confirmSize();
    plan.onVersion?.(source.version);
    return { stored: await new ResumableFileUpload(context, plan, source).run() };
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
  plan.onVersion?.(version);
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
