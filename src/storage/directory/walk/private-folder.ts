/**
 * The names that a storage uses in any directory: that of the folder for part files and commit records, and those of
 * temporary files. Clients cannot address them under any spelling.
 */
import { randomBytes } from 'node:crypto';

export const PRIVATE_FOLDER = '.socket-ftp';

/** `.socket-ftp-`, and 32 digits. */
const TEMPORARY_NAME = new RegExp(`^${PRIVATE_FOLDER}-[0-9a-f]{32}$`);

/** Each process has names of its own. */
const firstDigits = randomBytes(11).toString('hex');
let count = 0;

/** A new name for a file that exists only within one synchronous call sequence. */
export function newTemporaryName(): string {
  count += 1;
  return `${PRIVATE_FOLDER}-${firstDigits}${count.toString(16).padStart(10, '0')}`;
}

/** Whether a name is that of a temporary file, as `newTemporaryName` makes it. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

const DOT = 0x2e;
const IGNORED_END = /[. ]*(?::.*)?$/s;

/**
 * Whether some file system may take a name for the private folder's or for that of a temporary file: by ignoring case, by comparing compatible
 * characters (`ſ` is `s`), by skipping invisible ones, or by dropping what follows a `:`, and dots and spaces at the end.
 */
export function isPrivateName(name: string): boolean {
  // Nearly every name starts with a character that no file system takes for a dot.
  const first = name.charCodeAt(0);
  if (first < 0x80 && first !== DOT) return false;
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  const meant = visible.toUpperCase().toLowerCase().replace(IGNORED_END, '');
  return meant === PRIVATE_FOLDER || isTemporaryName(meant);
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
