/** The paths of a request and of its response. */
import { TransferError } from '../../errors.js';
import { parseUserPath, REMOTE_ROOT, type RemotePath } from '../../protocol/remote-path.js';

/** Parses a path argument. Throws EILSEQ or ENAMETOOLONG with the operation. */
export function parsePathArgument(operation: string, text: string): RemotePath {
  try {
    return parseUserPath(text);
  } catch (thrown) {
    if (thrown instanceof TypeError) throw thrown;
    throw TransferError.from(thrown, { operation });
  }
}

/** Parses a path argument that must not be the root. Throws EINVAL for the root. */
export function parseNonRootPath(operation: string, text: string): RemotePath {
  const path = parsePathArgument(operation, text);
  if (path !== REMOTE_ROOT) return path;
  throw new TransferError('EINVAL', 'A path is required; the root is not allowed.', {
    operation,
    path: '/',
  });
}

/** The `path` field of a request; the root has none. */
export function pathField(path: RemotePath): string | undefined {
  return path === REMOTE_ROOT ? undefined : path;
}

/** Throws EPROTO if a response has another path than its request. A missing one is the root. */
export function assertSamePath(requested: RemotePath, received: string = REMOTE_ROOT): void {
  if (received !== requested) {
    throw new TransferError('EPROTO', 'The response is about another path than the request.');
  }
}
