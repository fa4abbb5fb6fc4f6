/** What a request of HTTP is about: a path of the storage, and the parameters behind it. */
import { TransferError } from '../../../errors.js';
import { parseRemotePath, REMOTE_ROOT, type RemotePath } from '../../../protocol/remote-path.js';

export interface RequestTarget {
  readonly path: RemotePath;
  /** Whether the URL ends with a slash: it names a directory. */
  readonly isDirectory: boolean;
  readonly query: URLSearchParams;
}

/** Parses the target of a request. Throws EILSEQ, or ENAMETOOLONG, for a path that a storage cannot have. */
export function parseTarget(url: string): RequestTarget {
  const question = url.indexOf('?');
  const escaped = question < 0 ? url : url.slice(0, question);
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  if (!escaped.startsWith('/')) throw wrongTarget('it does not begin with a slash');
  if (escaped === '/') return { path: REMOTE_ROOT, isDirectory: true, query };
  const isDirectory = escaped.endsWith('/');
  const segments = escaped.slice(1, isDirectory ? -1 : undefined).split('/');
  return { path: parseRemotePath(segments.map(decoded).join('/')), isDirectory, query };
}

/** The URL of a path. */
export function urlOf(path: RemotePath, isDirectory: boolean): string {
  const escaped = path === REMOTE_ROOT ? '' : path.split('/').map(encodeURIComponent).join('/');
  return `/${escaped}${isDirectory && escaped !== '' ? '/' : ''}`;
}

/** A slash that is escaped does not separate names. */
function decoded(segment: string): string {
  if (!/^[!-~]*$/.test(segment)) throw wrongTarget('it has a character that must be escaped');
  let name: string;
  try {
    name = decodeURIComponent(segment);
  } catch {
    throw wrongTarget('an escape in it is not UTF-8');
  }
  if (name.includes('/')) throw wrongTarget('a name in it has a slash');
  return name;
}

function wrongTarget(reason: string): TransferError {
  return new TransferError('EILSEQ', `The URL is not allowed: ${reason}.`);
}
