/** A file or directory in a line of text. */
import type { FileEntry } from '../../index.js';
import { formatSize } from '../values/size.js';

/** How lines look. */
export interface EntryLineStyle {
  readonly isLong: boolean;
  /** Sizes as numbers of bytes. */
  readonly inBytes: boolean;
}

/** Columns of sizes: that of `1023 PiB`, and that of 2^53. */
const SIZE_COLUMNS = 8;
const BYTES_COLUMNS = 16;

/** The name, and before it, in a long line, permissions, size and time (UTC). Directories end with `/`. */
export function entryLine(entry: FileEntry, name: string, { isLong, inBytes }: EntryLineStyle): string {
  const shownName = entry.kind === 'directory' ? `${name}/` : name;
  if (!isLong) return shownName;
  const size = inBytes
    ? String(entry.size).padStart(BYTES_COLUMNS)
    : formatSize(entry.size).padStart(SIZE_COLUMNS);
  const shownSize = entry.kind === 'directory' ? '-'.padStart(size.length) : size;
  const time = entry.mtime.toISOString().slice(0, 16).replace('T', ' ');
  return `${modeText(entry)}  ${shownSize}  ${time}  ${shownName}`;
}

/** `drwxr-xr-x`, as in `ls -l`; `d---------` without permission bits. */
export function modeText({ kind, mode }: Pick<FileEntry, 'kind' | 'mode'>): string {
  const bits = Array.from('rwxrwxrwx', (letter, index) => (((mode ?? 0) >> (8 - index)) & 1 ? letter : '-'));
  return (kind === 'directory' ? 'd' : '-') + bits.join('');
}
