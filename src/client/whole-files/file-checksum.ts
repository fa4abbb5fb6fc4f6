/** The checksum of a file, computed on the server. */
import { TransferError } from '../../errors.js';
import { isChecksum, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { CallOptions } from '../request/abort.js';
import { callQuery } from '../request/call.js';
import type { ClientContext } from '../request/client-context.js';
import { parseFilePath } from '../request/path-argument.js';

export async function fileChecksum(
  context: ClientContext,
  { path, algorithm }: { path: string; algorithm: Exclude<ChecksumAlgorithm, 'none'> },
  options: CallOptions,
): Promise<string> {
  const fields = { op: 'checksum', path: parseFilePath('checksum', path), checksum: algorithm };
  const { checksum } = await callQuery(context, fields, options);
  if (checksum === undefined || !isChecksum(algorithm, checksum))
    throw new TransferError('EPROTO', `The server has sent no ${algorithm} checksum.`);
  return checksum;
}
