/** URLs of what a command creates or moves. */
import { usageError } from '../runner/usage-error.js';
import { isSameServer, parseRemoteUrl, type RemoteUrl } from '../url/remote-url.js';

/** A URL with a path and without wildcards. Throws a UsageError for any other. */
export function parseTarget(argument: string): RemoteUrl {
  const url = parseRemoteUrl(argument);
  if (url.isPattern) {
    throw usageError('This URL must not contain * ? or [; as characters they are %2A %3F %5B.');
  }
  if (url.path === '') throw usageError('The URL names the root of a server. Write a path behind the host.');
  return url;
}

/** Source and target on one server. */
export function parsePair([first = '', second = '']: readonly string[]): { from: RemoteUrl; to: RemoteUrl } {
  const [from, to] = [parseTarget(first), parseTarget(second)];
  if (!isSameServer(from, to)) {
    throw usageError('Both URLs must have the same server and user: use get and put between two servers.');
  }
  return { from, to };
}
