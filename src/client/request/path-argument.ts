/** The path of a request, on its way out and back. */
import { TransferError } from '../../errors.js';
import { parseUserPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';

/** A path of the caller's, checked. Throws EILSEQ or ENAMETOOLONG, which say what was asked. */
export function parsePathArgument(operation: string, text: string): RemotePath {
  try {
    return parseUserPath(text);
  } catch (thrown) {
    if (thrown instanceof TypeError) throw thrown;
    throw TransferError.from(thrown, { operation });
  }
}

/** A path of the caller's that is not the root. Throws EINVAL, too. */
export function parseNonRootPath(operation: string, text: string): RemotePath {
  const path = parsePathArgument(operation, text);
  if (path !== REMOTE_ROOT) return path;
  throw new TransferError('EINVAL', 'The root cannot be meant: a path below it is needed.', {
    operation,
    path: '/',
  });
}

/** The path of a request as its field: the root is said by its absence. */
export function pathField(path: RemotePath): string | undefined {
  return path === REMOTE_ROOT ? undefined : path;
}

/** Refuses an answer that is about another path than the one that was asked for, or about none that is allowed. */
export function assertSamePath(asked: RemotePath, answered: string = REMOTE_ROOT): void {
  if (answered !== asked) throw new TransferError('EPROTO', 'The server answers for another path.');
}
