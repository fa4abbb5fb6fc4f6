/**
 * Names of a local directory, in pieces.
 *
 *     a usual directory -> all names by one call, again as bytes if not all are UTF-8
 *     a large one       -> some names at a time, as bytes: a million names in one piece take 150 MB
 */
import { statSync, type Stats } from 'node:fs';
import fs from 'node:fs/promises';
import { isPartialDownload } from '../../local/partial-download/part-names.js';
import { localNameOf } from '../names/local-name.js';

/** Names of a piece. Their entries are read in one turn of the event loop, which takes about a millisecond. */
const PIECE_NAMES = 256;

/** Size in bytes from which a directory is large: about 10,000 names on ext4, XFS, Btrfs, APFS and tmpfs. Windows tells none. */
const LARGE_BYTES = 256 * 1024;

// The types of Node do not have this encoding for `opendir`.
const AS_BYTES = { encoding: 'buffer' as BufferEncoding, bufferSize: PIECE_NAMES };

/** A name that `fs` has decoded, perhaps with a loss. */
const REPLACEMENT = '\ufffd';

const isWindows = process.platform === 'win32';

/**
 * Yields the names, without those of partial downloads.
 *
 * @param quick - makes a short call, or returns undefined if that may block for long
 */
export async function* directoryNames(
  path: string | Buffer,
  quick: (call: () => Stats) => Stats | undefined,
  largeBytes = LARGE_BYTES,
): AsyncGenerator<string[], undefined, undefined> {
  const stats = quick(() => statSync(path)) ?? (await fs.stat(path));
  for await (const names of stats.size < largeBytes ? allNames(path) : someNames(path))
    yield names.filter((name) => !isPartialDownload(name));
  return undefined;
}

async function* allNames(path: string | Buffer): AsyncGenerator<string[], undefined, undefined> {
  const names = await fs.readdir(path);
  const isExact = isWindows || !names.some((name) => name.includes(REPLACEMENT));
  const exact = isExact ? names : (await fs.readdir(path, { encoding: 'buffer' })).map(localNameOf);
  for (let from = 0; from < exact.length; from += PIECE_NAMES) yield exact.slice(from, from + PIECE_NAMES);
  return undefined;
}

async function* someNames(path: string | Buffer): AsyncGenerator<string[], undefined, undefined> {
  let piece: string[] = [];
  for await (const { name } of await fs.opendir(path, isWindows ? {} : AS_BYTES)) {
    const bytes: unknown = name;
    piece.push(Buffer.isBuffer(bytes) ? localNameOf(bytes) : name);
    if (piece.length < PIECE_NAMES) continue;
    yield piece;
    piece = [];
  }
  yield piece;
  return undefined;
}
