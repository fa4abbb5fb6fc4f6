/** The two directories of a comparison: one is a URL, the other is local. */
import path from 'node:path';
import type { SyncPlace } from '../../index.js';
import { usageError } from '../runner/usage-error.js';
import { formatRemoteUrl, isRemoteUrl, parseRemoteUrl, type RemoteUrl } from '../url/remote-url.js';

export interface ComparedPlaces {
  readonly from: SyncPlace;
  readonly to: SyncPlace;
  readonly url: RemoteUrl;
  /** The two places in a form that is the same from every working directory. */
  readonly names: { readonly from: string; readonly to: string };
}

/** Throws a UsageError unless one of the two is a URL. */
export function comparedPlaces([first = '', second = '']: readonly string[]): ComparedPlaces {
  if (isRemoteUrl(first) === isRemoteUrl(second)) {
    throw usageError(
      isRemoteUrl(first)
        ? 'Both are URLs. One of the two directories must be local.'
        : `Neither is a URL. Write one of them as socket-ftp://host/path.`,
    );
  }
  const url = parseRemoteUrl(isRemoteUrl(first) ? first : second);
  if (url.isPattern) {
    throw usageError('The URL of a directory must not contain * ? or [; as characters they are %2A %3F %5B.');
  }
  const remote = { place: { remote: `/${url.path}` }, name: formatRemoteUrl(url) };
  const localPath = path.resolve(isRemoteUrl(first) ? second : first);
  const local = { place: { local: localPath }, name: localPath };
  const [from, to] = isRemoteUrl(first) ? [remote, local] : [local, remote];
  return { from: from.place, to: to.place, url, names: { from: from.name, to: to.name } };
}
