/** The note beside a part: of which version of which file it is, so that a later process can go on with it. */
import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import { unlessMissing } from '../../../fs/errno.js';
import type { ChecksumAlgorithm } from '../../../protocol/checksum.js';

/** Raised when a note means something else than before: notes of other versions are not understood. */
const VERSION = 1;

/** A note is shorter, whatever its path and etag: what is longer is no note. */
const MAX_NOTE_BYTES = 64 * 1024;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** What a part is a part of. */
export interface PartMetadata {
  /** The remote path. */
  readonly path: string;
  readonly etag: string;
  /** Bytes of the whole file. */
  readonly size: number;
  readonly checksum: ChecksumAlgorithm;
}

/** Writes a note where there is none. */
export async function writePartMetadata(notePath: string, note: PartMetadata): Promise<void> {
  const flag = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  await fs.writeFile(notePath, JSON.stringify({ version: VERSION, ...note }), { flag, mode: 0o600 });
}

/** The note that is there; undefined if there is none, or none that can be understood. */
export async function readPartMetadata(notePath: string): Promise<PartMetadata | undefined> {
  try {
    return parseNote(await readShort(notePath));
  } catch {
    // Without a note the part is begun anew, which will tell what is wrong with the directory.
    return undefined;
  }
}

/** Removes the note, if there is one. */
export async function removePartMetadata(notePath: string): Promise<void> {
  await unlessMissing(fs.unlink(notePath));
}

async function readShort(notePath: string): Promise<string> {
  const handle = await fs.open(notePath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await handle.stat();
    return stats.isFile() && stats.size <= MAX_NOTE_BYTES ? await handle.readFile('utf8') : '';
  } finally {
    await handle.close();
  }
}

function parseNote(text: string): PartMetadata | undefined {
  const note: unknown = JSON.parse(text);
  if (typeof note !== 'object' || note === null) return undefined;
  const { version, path, etag, size, checksum } = note as Record<string, unknown>;
  if (version !== VERSION || typeof path !== 'string' || typeof etag !== 'string') return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  return checksum === 'crc32' || checksum === 'sha256' ? { path, etag, size, checksum } : undefined;
}
