/** Which names a listing shows. */
import { joinRemotePath, type RemotePath } from '../protocol/remote-path.js';

/** The path of a name in a directory; undefined if the name is not valid in a remote path, so no client could use it. */
export function listablePath(directory: RemotePath, name: string): RemotePath | undefined {
  try {
    return joinRemotePath(directory, name);
  } catch {
    return undefined;
  }
}
