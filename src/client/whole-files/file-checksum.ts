/** The checksum of a file or of its beginning, computed on the server. */
import { protocolError, TransferError } from '../../errors.js';
import { integerOption } from '../../options/option.js';
import { isChecksum, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { CallOptions } from '../request/abort.js';
import { callQuery } from '../request/call.js';
import type { ClientContext } from '../request/client-context.js';
import { parseFilePath } from '../request/path-argument.js';

/** Options of a checksum. */
export interface ChecksumOptions extends CallOptions {
  /** Number of bytes from the start of the file; more than it has are as many as it has. Default: the whole file. */
  length?: number | undefined;
}

export async function fileChecksum(
  context: ClientContext,
  { path, algorithm }: { path: string; algorithm: Exclude<ChecksumAlgorithm, 'none'> },
  { length, ...options }: ChecksumOptions,
): Promise<string> {
  const fields = { op: 'checksum', path: parseFilePath('checksum', path), checksum: algorithm };
  const maxBytes = length === undefined ? undefined : integerOption('length', length, { min: 0, default: 0 });
  const { checksum, size = 0, bytes } = await callQuery(context, { ...fields, maxBytes }, options);
  // A server that ignored the number would have sent the checksum of the whole file.
  if (maxBytes !== undefined && bytes !== Math.min(maxBytes, size))
    throw protocolError(`The server has sent the checksum of ${bytes ?? 'all'} bytes, not of ${maxBytes}.`);
  if (checksum === undefined || !isChecksum(algorithm, checksum))
    throw new TransferError('EPROTO', `The server has sent no ${algorithm} checksum.`);
  return checksum;
}
