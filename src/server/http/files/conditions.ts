/** The conditions of a GET or HEAD, in the order of RFC 9110, section 13.2.2. */
import type { IncomingHttpHeaders } from 'node:http';
import { entityTagsIn, isSameTag, isWeakTag } from './entity-tag.js';

/** The version of a file that conditions are about. */
export interface FileVersion {
  /** Undefined for a file without an etag. */
  readonly tag: string | undefined;
  readonly mtime: Date;
}

/** The status of a request that is not answered with the file: 304, or 412. Undefined if it is. */
export function statusByConditions(
  headers: IncomingHttpHeaders,
  version: FileVersion,
): 304 | 412 | undefined {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifMatch !== undefined) {
    if (!matchesStrongly(ifMatch, version.tag)) return 412;
  } else if (isAfter(version.mtime, headers['if-unmodified-since']) === true) {
    return 412;
  }
  if (ifNoneMatch !== undefined) return matchesWeakly(ifNoneMatch, version.tag) ? 304 : undefined;
  return isAfter(version.mtime, headers['if-modified-since']) === false ? 304 : undefined;
}

/** Whether a range is still of the version that the client has a part of. */
export function isRangeOfVersion(ifRange: string | undefined, { tag, mtime }: FileVersion): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.includes('"')) return ifRange === tag && !isWeakTag(tag);
  return ifRange === mtime.toUTCString();
}

function matchesStrongly(header: string, tag: string | undefined): boolean {
  if (header.trim() === '*') return true;
  return tag !== undefined && !isWeakTag(tag) && entityTagsIn(header).includes(tag);
}

function matchesWeakly(header: string, tag: string | undefined): boolean {
  if (header.trim() === '*') return true;
  return tag !== undefined && entityTagsIn(header).some((each) => isSameTag(each, tag));
}

/** Whether a time is after that of a header, to the second; undefined if the header has none. */
function isAfter(time: Date, header: string | undefined): boolean | undefined {
  const limit = header === undefined ? NaN : Date.parse(header);
  if (Number.isNaN(limit)) return undefined;
  return Math.floor(time.getTime() / 1_000) * 1_000 > limit;
}
