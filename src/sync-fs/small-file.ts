/** Reads a small file completely by one synchronous call sequence: open, fstat, read, fstat, close. */
import fs, { type BigIntStats, type Stats } from 'node:fs';

const exact = { bigint: true } as const;

/** Options of `readSmallFile`. */
export interface SmallFileOptions {
  readonly flags: number;
  readonly maxBytes: number;
  /** Returns a buffer of at least this many bytes. */
  readonly allocate: (bytes: number) => Buffer;
}

/** Result of `readSmallFile`; only `stats` if the path is not a regular file, or the file exceeds `maxBytes`. */
export interface SmallFileRead {
  readonly stats: BigIntStats;
  /** `fstat` after the read: if it differs from `stats`, the bytes may be of two versions. */
  readonly after?: BigIntStats;
  /** A buffer that begins with all bytes; undefined if their number is not that of `stats`. */
  readonly buffer?: Buffer | undefined;
}

/** Throws the system error of `open`, `fstat` or `read`. */
export function readSmallFile(path: string, { flags, maxBytes, allocate }: SmallFileOptions): SmallFileRead {
  const fd = fs.openSync(path, flags);
  try {
    const stats = fs.fstatSync(fd, exact);
    if (!stats.isFile() || stats.size > maxBytes) return { stats };
    const size = Number(stats.size);
    // A virtual file can have the size 0, and content.
    const wanted = Math.max(size, 1);
    const buffer = allocate(wanted);
    const bytesRead = fs.readSync(fd, buffer, 0, wanted, 0);
    const after = fs.fstatSync(fd, exact);
    return { stats, after, buffer: bytesRead === size ? buffer : undefined };
  } finally {
    close(fd);
  }
}

/**
 * Reads a file of a known size by open, read, fstat, close. Undefined for another size. The caller compares the times: if the last
 * change was seconds ago, the file has not changed while it was read.
 */
export function readKnownFile(
  path: string,
  { flags, size, allocate }: Omit<SmallFileOptions, 'maxBytes'> & { readonly size: number },
): { readonly stats: Stats; readonly buffer: Buffer } | undefined {
  const fd = fs.openSync(path, flags);
  try {
    // One more byte: otherwise a file that has grown could not be told from one that has not.
    const buffer = allocate(size + 1);
    const bytesRead = fs.readSync(fd, buffer, 0, size + 1, 0);
    const stats = fs.fstatSync(fd);
    return stats.isFile() && stats.size === size && bytesRead === size ? { stats, buffer } : undefined;
  } finally {
    close(fd);
  }
}

function close(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // Nothing was written, so a failure loses nothing.
  }
}
