/** The folder in the root for part files and commit records. Clients cannot address it under any spelling. */

export const PRIVATE_FOLDER = '.socket-ftp';

const DOT = 0x2e;
const IGNORED_END = /[. ]*(?::.*)?$/s;

/**
 * Whether some file system may take a name for the private folder's: by ignoring case, by comparing compatible
 * characters (`ſ` is `s`), by skipping invisible ones, or by dropping what follows a `:`, and dots and spaces at the end.
 */
export function isPrivateName(name: string): boolean {
  // Nearly every name starts with a character that no file system takes for a dot.
  const first = name.charCodeAt(0);
  if (first < 0x80 && first !== DOT) return false;
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.toUpperCase().toLowerCase().replace(IGNORED_END, '') === PRIVATE_FOLDER;
}

/** Whether a name may be a short alias that the file system generated for another name, such as `SOCKET~1`. */
export function isShortName(name: string): boolean {
  return name.includes('~');
}
