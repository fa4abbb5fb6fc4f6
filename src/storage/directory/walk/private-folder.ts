/** The name of the folder in the root that holds uploads under way. No client can address it, by any spelling. */

/** What the folder is called. */
export const PRIVATE_FOLDER = '.socket-ftp';

const DOT = 0x2e;

/**
 * Whether a file system may take a name for the private folder's: those that know no case, that compare by
 * compatibility (`ſ` is `s`), or that skip what cannot be seen.
 */
export function isPrivateName(name: string): boolean {
  // Nearly every name begins with what no system takes for a dot.
  const first = name.charCodeAt(0);
  if (first < 0x80 && first !== DOT) return false;
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.toUpperCase().toLowerCase() === PRIVATE_FOLDER;
}

/** Whether a name may be a short one that a file system made up for another, such as `SOCKET~1`. */
export function isShortName(name: string): boolean {
  return name.includes('~');
}
