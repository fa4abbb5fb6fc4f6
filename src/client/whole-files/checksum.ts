/** The checksum of a whole file, computed on the server. */
import { TransferError } from '../../errors.js';
import { isChecksum, type ChecksumAlgorithm } from '../../protocol/checksum.js';
import type { CallOptions } from '../request/abort.js';
import { callIdempotent } from '../request/call-idempotent.js';
import type { ClientContext } from '../request/client-context.js';
import { parseFilePath } from '../request/path-argument.js';

export async function checksum(
  context: ClientContext,
  { path, algorithm }: { path: string; algorithm: ChecksumAlgorithm },
  options: CallOptions,
): Promise<string> {
  const fields = { op: 'checksum', path: parseFilePath('checksum', path), checksum: algorithm };
  const { checksum: computed } = await callIdempotent(context, fields, options);
  if (computed === undefined || !isChecksum(algorithm, computed))
    throw new TransferError('EPROTO', `The server has sent no ${algorithm} checksum.`);
  return computed;
}
