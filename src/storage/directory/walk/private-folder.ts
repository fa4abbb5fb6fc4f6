/** The folder for part files and commit records, in any directory. Clients cannot address it under any spelling. */

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

/** Whether a path contains such a name. */
export function hasPrivateName(path: string): boolean {
  for (let start = 0; ;) {
    const slash = path.indexOf('/', start);
    if (isPrivateName(slash < 0 ? path.slice(start) : path.slice(start, slash))) return true;
    if (slash < 0) return false;
    start = slash + 1;
  }
}

/** Whether a name, or one in a path, may be a short alias that the file system generated for another name, such as `SOCKET~1`. */
export function isShortName(name: string): boolean {
  return name.includes('~');
}
