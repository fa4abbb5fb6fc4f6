/** The etags of a storage as entity tags of HTTP, which have neither spaces nor quotes. */

const WEAK = 'W/';

/** The entity tag of an etag; undefined for a file without one. */
export function entityTag(etag: string | undefined): string | undefined {
  if (etag === undefined) return undefined;
  const isWeak = etag.startsWith(WEAK);
  return `${isWeak ? WEAK : ''}"${encodeURIComponent(isWeak ? etag.slice(WEAK.length) : etag)}"`;
}

/** The entity tags of a header, such as If-Match. */
export function entityTagsIn(header: string | undefined): string[] {
  return header?.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

/** Whether two entity tags are the same version, by the comparison for caches. */
export function isSameTag(one: string, other: string): boolean {
  return one.replace(/^W\//, '') === other.replace(/^W\//, '');
}

export function isWeakTag(tag: string): boolean {
  return tag.startsWith(WEAK);
}
