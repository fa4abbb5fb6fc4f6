/** What an upload sends, under which conditions, and its events. */
import { lazyBuiltin } from '../../lazy-builtin.js';
import type { ClientContext } from '../request/client-context.js';
import type { ProgressListener } from '../request/progress.js';
import type { UploadBody } from './upload-body.js';
import type { StoredUpload, UploadConditions } from './upload-stream.js';

export interface UploadPlan {
  readonly conditions: UploadConditions;
  /** The id under which an earlier call, also of another process, may have begun the upload. Default: a new id. */
  readonly resumeId?: string | undefined;
  /** Whether the server keeps nothing for a repeat: after a loss, the caller finds out what was stored. Default false. */
  readonly isUnnamed?: boolean | undefined;
  readonly body: UploadBody;
  /** Called in later ticks. `end` is sent only after the call for the last byte. */
  readonly onProgress?: ProgressListener | undefined;
}

/** The events of an upload. `onStored` or `onFailed` is the last one; neither follows `cancel`. */
export interface UploadListener {
  /** The server has all bytes before this offset. Called once, before any byte is sent. */
  onOffset?(offset: number): void;
  /** The file is stored, and verified to have the written bytes. */
  onStored(upload: StoredUpload): void;
  /** `error` is a TransferError, or the exception of `onProgress`. */
  onFailed(error: unknown): void;
}

/**
 * The id under which the upload can be resumed. Bytes in memory are written without a pause: they need one only for the
 * next connection.
 */
export function uploadIdOf(
  { dispatcher }: ClientContext,
  { resumeId, body, isUnnamed }: UploadPlan,
): string | undefined {
  if (resumeId !== undefined) return resumeId;
  if (isUnnamed) return undefined;
  // Cannot be guessed. The ids of `randomUUID` come from a cache; own random bytes cost far more.
  return body.isKept || dispatcher.reconnects
    ? lazyBuiltin.crypto.randomUUID().replaceAll('-', '')
    : undefined;
}
