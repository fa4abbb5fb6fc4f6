/** The two directories of a plan: one local, the other on the server. */
import { rejectUnknownOptions } from '../../options/option.js';
import { parseDirectoryPath, type RemotePath } from '../../protocol/remote-path.js';
import { absoluteLocalPath } from '../local/local-target.js';

/** A local directory. */
export interface LocalPlace {
  /** A path, or a `file:` URL. */
  readonly local: string | URL;
}

/** A directory on the server. */
export interface RemotePlace {
  /** A path from the root of the server's storage; `'/'` is the root. */
  readonly remote: string;
}

/** A directory, local or on the server. */
export type SyncPlace = LocalPlace | RemotePlace;

/** Source and target, of which one is local and the other on the server. */
export interface SyncPlaces {
  readonly from: SyncPlace;
  readonly to: SyncPlace;
}

/** Source and target, checked. */
export interface SyncRoots {
  /** Absolute. */
  readonly local: string;
  readonly remote: RemotePath;
  readonly direction: 'upload' | 'download';
}

/** Checks source and target. Throws a TypeError unless one is local, the other remote, and both have a path. */
export function syncRoots({ from, to }: SyncPlaces): SyncRoots {
  const source = parsePlace('from', from);
  const target = parsePlace('to', to);
  if (source.local !== undefined && target.remote !== undefined)
    return { local: source.local, remote: target.remote, direction: 'upload' };
  if (source.remote !== undefined && target.local !== undefined)
    return { local: target.local, remote: source.remote, direction: 'download' };
  throw new TypeError('One of the two directories must be { local }, the other one { remote }.');
}

type Parsed = { local: string; remote?: undefined } | { remote: RemotePath; local?: undefined };

function parsePlace(name: string, place: SyncPlace): Parsed {
  if (typeof place !== 'object' || (place as SyncPlace | null) === null || place instanceof URL)
    throw new TypeError(`The argument ${name} must be { local: path } or { remote: path }.`);
  rejectUnknownOptions(name, place, ['local', 'remote']);
  if ('local' in place && 'remote' in place)
    throw new TypeError(`The argument ${name} must have local or remote, not both.`);
  if ('local' in place) return { local: absoluteLocalPath(place.local) };
  // An unset variable of a shell must not become the root.
  if (typeof place.remote !== 'string' || place.remote === '')
    throw new TypeError(`The path ${name}.remote must be a string that is not empty; '/' is the root.`);
  return { remote: parseDirectoryPath(place.remote) };
}
