/**
 * Decides whether a file is downloaded in segments, and reads those that an earlier call has left.
 *
 *     part in segments, same etag           -> its complete segments, if the bytes on the disk have their checksums
 *     no part, several connections, large   -> all segments are missing
 *     otherwise                             -> undefined: over one connection, in order
 */
import type { FileEntry } from '../../../protocol/entry.js';
import type { RemotePath } from '../../../protocol/remote-path.js';
import { isSameVersion } from '../../../protocol/weak-etag.js';
import type { AbortScope } from '../../request/abort-scope.js';
import type { ClientContext } from '../../request/client-context.js';
import { Download } from '../../streams/download.js';
import type { PartialDownload } from '../partial-download/partial-download.js';
import type { PartMetadata } from '../partial-download/part-metadata.js';
import { SegmentList } from './segment-list.js';
import { MIN_SEGMENTED_BYTES } from './segment-size.js';

/** The call that downloads the file. */
export interface SegmentedCall {
  readonly path: RemotePath;
  readonly scope: AbortScope;
  readonly connections: number;
}

/** A file that is downloaded in segments. */
export interface FileSegments {
  /** With an etag that is not weak. */
  readonly entry: FileEntry & { readonly etag: string };
  readonly list: SegmentList;
  readonly isResumed: boolean;
}

/** The segments of the remote file; undefined if the file is to be downloaded in order. */
export async function fileSegments(
  context: ClientContext,
  part: PartialDownload,
  { path, scope, connections }: SegmentedCall,
): Promise<FileSegments | undefined> {
  const metadata = await part.readMetadata({ path, checksum: context.checksum });
  const isResumed = metadata?.segments !== undefined;
  if (!isResumed && (part.length > 0 || connections === 1 || context.dispatcher.isExternal)) return undefined;
  const entry = await remoteEntry(context, path, scope.signal);
  const { size, etag } = entry;
  // A weak etag satisfies no condition, so that two segments could be of two versions.
  if (etag === undefined || !isSameVersion(etag, etag)) return undefined;
  if (isResumed) {
    if (metadata.version.etag !== etag || metadata.version.size !== size) return undefined;
    const list = await resumedList(part, metadata, () => scope.throwIfAborted());
    return { entry: { ...entry, etag }, list, isResumed };
  }
  if (size < MIN_SEGMENTED_BYTES) return undefined;
  return { entry: { ...entry, etag }, list: new SegmentList(size), isResumed };
}

/** The entry of a file, from a download of no bytes: `stat` needs the permission to list. */
async function remoteEntry(
  context: ClientContext,
  path: RemotePath,
  signal: AbortSignal | undefined,
): Promise<FileEntry> {
  const download = new Download(context, path, { length: 0, signal });
  download.on('error', () => undefined).resume();
  await download.completed;
  return download.entry;
}

/** Only what is on the disk counts: the system may have lost bytes that were written before a crash. */
async function resumedList(
  part: PartialDownload,
  { version, checksum: algorithm, segments }: PartMetadata,
  check: () => void,
): Promise<SegmentList> {
  const list = new SegmentList(version.size, segments?.bytes);
  await list.resume(async (segment) => {
    const noted = segments?.checksums.get(segment.index);
    if (noted === undefined) return false;
    const onDisk = await part.checksumOf(segment, algorithm, check);
    return onDisk?.digest() === noted;
  });
  return list;
}
