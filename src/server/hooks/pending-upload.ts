/** An upload as the hook `beforeCommit` sees it. */
import type { Readable } from 'node:stream';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { Identity } from '../identity.js';
import type { RequestStart } from '../monitoring/connection-info.js';

/** An upload whose bytes have all arrived and are verified, and which is not visible yet. */
export interface PendingUpload<IdentityType extends Identity = Identity> extends Omit<
  RequestStart,
  'path' | 'target' | 'method'
> {
  /** What `authenticate` returned; undefined on a server without `authenticate`. */
  readonly identity: IdentityType | undefined;
  /** Path at which the file becomes visible, relative to the root of the identity. */
  readonly path: RemotePath;
  /** Bytes that the client has sent: those of the file, or of an append those that it adds. */
  readonly size: number;
  /** Checksum of these bytes, as in the result of the upload, e.g. `'crc32:cbf43926'`; undefined for `'none'`. */
  readonly checksum: string | undefined;
  /** Modification time that the client has given; undefined if the file gets the time of the upload. */
  readonly mtime: Date | undefined;
  /** Whether the bytes are added to the end of a file. */
  readonly append: boolean;
  /** Aborted when the upload is cancelled, its connection is lost, or the time limit of the hook has passed. */
  readonly signal: AbortSignal;
  /**
   * Reads the new version of the file from its first byte; of an append it begins with the bytes of the older version. Each
   * call reads it again. A stream fails with ECANCELED when the hook has ended.
   *
   * @throws TransferError ENOTSUP if the storage cannot read what it has not committed, and the upload has more than 64 KiB
   */
  read(): Readable;
}
