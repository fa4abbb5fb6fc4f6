/** What the server knows of an upload, by its id. */
import { inspect } from 'node:util';
import { TransferError } from '../../errors.js';
import { parseEntry, type FileEntry } from '../../protocol/entry.js';
import { isHexId } from '../../protocol/fields.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { CallOptions } from '../request/abort.js';
import { callUploadStatus } from '../request/call.js';
import type { ClientContext } from '../request/client-context.js';
import { assertSamePath, parseFilePath } from '../request/path-argument.js';

/** The status of an upload: what {@link FileClient.uploadStatus} resolves with. */
export type UploadStatus =
  | {
      /** The upload is not complete: it is suspended, or a request still sends it. */
      readonly state: 'suspended';
      /** Bytes that the server has; of an append, only those that are added. */
      readonly offset: number;
      /** Milliseconds after which the server may discard the upload; undefined while a request sends it. */
      readonly expiresInMs: number | undefined;
    }
  | {
      /** The file was stored, whatever has become of it since. */
      readonly state: 'stored';
      /** The file as it was stored; without an etag if the server does not know it any more. */
      readonly entry: FileEntry;
    };

export async function uploadStatus(
  context: ClientContext,
  { path, uploadId }: { path: string; uploadId: string },
  options: CallOptions,
): Promise<UploadStatus | undefined> {
  if (typeof uploadId !== 'string' || !isHexId(uploadId))
    throw new TypeError(`An upload id has 32 lower-case hexadecimal digits; got ${inspect(uploadId)}.`);
  const checked = parseFilePath('uploadStatus', path);
  const fields = { op: 'upload-status', path: checked, upload: uploadId };
  try {
    const result = await callUploadStatus(context, fields, options);
    assertSamePath(checked, result.path);
    return statusOf(result);
  } catch (error) {
    if (error instanceof TransferError && error.code === 'EGONE') return undefined;
    throw error;
  }
}

function statusOf(result: FrameOf<'result'>): UploadStatus {
  const { kind, offset, expiresIn } = result;
  if (kind !== undefined) return { state: 'stored', entry: parseEntry(result, 'file') };
  if (offset === undefined)
    throw new TransferError('EPROTO', 'The server has sent neither the offset nor the file of an upload.');
  return { state: 'suspended', offset, expiresInMs: expiresIn };
}
