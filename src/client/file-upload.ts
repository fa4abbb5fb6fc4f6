/**
 * An upload of a local file: one that is small by the short way, all others so that a later call, also one of another
 * process, can go on with what this one has left.
 */
import { TransferError } from '../errors.js';
import { neededPath } from './asked-path.js';
import { CallLimit } from './call-limit.js';
import { uploadSettings, type FileUploadPlan, type UploadFileOptions } from './file-upload-settings.js';
import { LastingUpload } from './lasting-upload.js';
import { LocalSource } from './local-source.js';
import type { Requester } from './requester.js';
import { SmallFiles } from './small-files.js';
import { uploadSmall } from './small-upload.js';
import type { StoredUpload } from './upload-stream.js';

export type { UploadFileOptions };

/** A local file that was stored. */
export interface UploadedFile extends StoredUpload {
  /** Bytes that the server had of an earlier call, and that did not have to be sent once more. */
  readonly resumedFrom: number;
}

/** What to upload, and where to. */
export interface UploadPlaces {
  readonly localPath: string | URL;
  readonly path: string;
}

// Each client has its own: what was read for one server is not read over while another might still be given it.
const smallFiles = new WeakMap<Requester, SmallFiles>();

/** Uploads a local file. Throws a TypeError for an option that is wrong. */
export async function uploadFile(
  requester: Requester,
  places: UploadPlaces,
  options: UploadFileOptions,
): Promise<UploadedFile> {
  const settings = uploadSettings(options);
  const path = neededPath('upload', places.path);
  try {
    return await CallLimit.during(options, (limit) =>
      uploadLocal(requester, { path, settings, limit }, places.localPath),
    );
  } catch (error) {
    // What a listener throws is its own.
    throw error instanceof TransferError ? TransferError.from(error, { operation: 'upload', path }) : error;
  }
}

async function uploadLocal(
  requester: Requester,
  plan: FileUploadPlan,
  localPath: string | URL,
): Promise<UploadedFile> {
  const small = smallFilesOf(requester);
  const file = await small.read(localPath);
  if (file) return small.holding(file, () => uploadSmall(requester, plan, file));
  const source = await LocalSource.open(localPath);
  try {
    return await uploadSource(requester, plan, source);
  } finally {
    await source.close();
  }
}

async function uploadSource(
  requester: Requester,
  plan: FileUploadPlan,
  source: LocalSource,
): Promise<UploadedFile> {
  const small = smallFilesOf(requester);
  const file = await small.readFrom(source);
  if (!file) return new LastingUpload(requester, plan, source).run();
  return small.holding(file, () => uploadSmall(requester, plan, file));
}

function smallFilesOf(requester: Requester): SmallFiles {
  const known = smallFiles.get(requester);
  if (known) return known;
  const made = new SmallFiles();
  smallFiles.set(requester, made);
  return made;
}
