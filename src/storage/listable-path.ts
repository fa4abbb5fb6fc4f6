/** Which names a listing shows. */
import { joinRemotePath, type RemotePath } from '../protocol/remote-path.js';

/** The path of a name in a directory; undefined if it is not a valid remote path, so that the listing must omit it. */
export function listablePath(directory: RemotePath, name: string): RemotePath | undefined {
  try {
    return joinRemotePath(directory, name);
  } catch {
    return undefined;
  }
}
