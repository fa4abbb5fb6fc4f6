/**
 * Weak etags, as in HTTP: two versions that follow each other fast may have the same one. It satisfies no `ifMatch`, and
 * two readings of a file with it may have read two versions.
 */
const WEAK = 'W/';

/** The weak etag of versions that this text does not distinguish. */
export function weakEtag(text: string): string {
  return WEAK + text;
}

/** Whether the etag is weak, and satisfies no condition. */
export function isWeakEtag(etag: string | undefined): boolean {
  return etag?.startsWith(WEAK) ?? false;
}

/** Whether two etags are the same and distinguish all versions. Also true for no etags: nothing is known to differ. */
export function isSameVersion(etag: string | undefined, other: string | undefined): boolean {
  return etag === other && !isWeakEtag(etag);
}

/** Whether two etags are the same except that one or both may be weak. */
export function mayBeSameVersion(etag: string | undefined, other: string | undefined): boolean {
  return strip(etag) === strip(other);
}

function strip(etag: string | undefined): string | undefined {
  return isWeakEtag(etag) ? etag?.slice(WEAK.length) : etag;
}
