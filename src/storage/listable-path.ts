/** Which names a listing shows: those that a client could ask for. */
import { joinRemotePath, type RemotePath } from '../protocol/remote-path.js';

/** The path of a name in a directory; undefined if it is none that `parseRemotePath` lets through. */
export function listablePath(directory: RemotePath, name: string): RemotePath | undefined {
  try {
    return joinRemotePath(directory, name);
  } catch {
    return undefined;
  }
}
