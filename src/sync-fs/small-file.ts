/** Reads a small file whole by one sequence of synchronous calls: open, fstat, read, fstat, close. */
import fs, { type BigIntStats } from 'node:fs';

const exact = { bigint: true } as const;

/** How to open a file, and how much of it may be read. */
export interface SmallFileOptions {
  readonly flags: number;
  readonly maxBytes: number;
  /** A buffer for at least as many bytes. */
  readonly allocate: (bytes: number) => Buffer;
}

/** What was read. Nothing but `stats` of what is no plain file, or larger than `maxBytes`. */
export interface SmallFileRead {
  readonly stats: BigIntStats;
  /** What `fstat` says after the read: with other numbers, the bytes may be those of two versions. */
  readonly after?: BigIntStats;
  /** The buffer that begins with all bytes; undefined if there were fewer than `stats` says. */
  readonly buffer?: Buffer | undefined;
}

/** Throws what the system says, about opening or reading. */
export function readSmallFile(path: string, { flags, maxBytes, allocate }: SmallFileOptions): SmallFileRead {
  const fd = fs.openSync(path, flags);
  try {
    const stats = fs.fstatSync(fd, exact);
    if (!stats.isFile() || stats.size > maxBytes) return { stats };
    const size = Number(stats.size);
    const buffer = allocate(size);
    const bytesRead = size > 0 ? fs.readSync(fd, buffer, 0, size, 0) : 0;
    const after = fs.fstatSync(fd, exact);
    return { stats, after, buffer: bytesRead === size ? buffer : undefined };
  } finally {
    close(fd);
  }
}

function close(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // It was read only: nothing is lost.
  }
}
