/** The paths of a request and of its response. */
import { TransferError } from '../../errors.js';
import {
  namesDirectory,
  parseDirectoryPath,
  REMOTE_ROOT,
  type RemotePath,
} from '../../protocol/remote-path.js';

/** Parses a path argument; a `/` at its end names a directory. Throws EILSEQ or ENAMETOOLONG with the operation. */
export function parsePathArgument(operation: string, text: string): RemotePath {
  try {
    return parseDirectoryPath(text);
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

/** Parses the path argument of a file. Throws EINVAL for the root, EISDIR for a path with a `/` at its end. */
export function parseFilePath(operation: string, text: string): RemotePath {
  const path = parseNonRootPath(operation, text);
  if (!namesDirectory(text)) return path;
  const reason = `The slash at the end names a directory. Write '${path}', or '${path}/' and the name of a file.`;
  throw new TransferError('EISDIR', reason, { operation, path: text });
}

/** Throws ENOTDIR if a path argument names a directory by a `/` at its end, and the server has a file there. */
export function assertNamedKind(operation: string, text: string, kind: string | undefined): void {
  if (kind === 'file' && namesDirectory(text)) {
    throw new TransferError('ENOTDIR', 'The slash at the end names a directory.', { operation, path: text });
  }
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
