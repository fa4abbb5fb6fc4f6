/** The option `uploads` of a server: declared, defaulted and checked here. */
import { integerOption, rejectUnknownOptions, timeOption } from '../../options/option.js';
import * as limits from '../../protocol/limits.js';
import type { SuspendedUploadLimits } from './suspended-uploads.js';

/** Options for suspended uploads: uploads whose connection was lost, and that the client can resume. */
export interface SuspendedUploadOptions {
  /**
   * Number of suspended uploads that the server keeps, and of results of completed ones that it remembers for one identity.
   * Beyond it, the oldest is discarded. Default 1,024.
   */
  maxSuspendedUploads?: number | undefined;
  /**
   * Milliseconds for which the server keeps a suspended upload. Default 3,600,000. Applies to a storage that cannot keep
   * suspended uploads itself; for a directory see `DirectoryStorageOptions`.
   */
  suspendedExpiryMs?: number | undefined;
}

/** Checks the options and adds the defaults. Throws a TypeError for a wrong option. */
export function suspendedUploadLimits(uploads: SuspendedUploadOptions): SuspendedUploadLimits {
  rejectUnknownOptions('uploads', uploads, ['maxSuspendedUploads', 'suspendedExpiryMs']);
  return {
    maxSuspendedUploads: integerOption('uploads.maxSuspendedUploads', uploads.maxSuspendedUploads, {
      min: 0,
      default: limits.DEFAULT_MAX_SUSPENDED_UPLOADS,
    }),
    suspendedExpiryMs: timeOption(
      'uploads.suspendedExpiryMs',
      uploads.suspendedExpiryMs,
      limits.SUSPENDED_EXPIRY_MS,
    ),
  };
}
