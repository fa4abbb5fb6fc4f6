/** The metadata file beside a part: the version of the remote file, with which a later process can resume the download. */
import { constants, type BigIntStats } from 'node:fs';
import fs from 'node:fs/promises';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import type { ChecksumAlgorithm } from '../../../protocol/checksum.js';

/** Raised when the meaning of the file changes; files of other versions are ignored. */
const VERSION = 1;

/** Larger than any metadata; a larger file is ignored. */
const MAX_METADATA_BYTES = 64 * 1024;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

export interface PartMetadata {
  /** The remote path. */
  readonly path: string;
  /** The version of the remote file. */
  readonly version: { readonly etag: string; readonly size: number; readonly mtime: Date };
  readonly checksum: ChecksumAlgorithm;
}

/** How every metadata file begins. */
const BEGINNING = '{"version":';

/** Creates the metadata file of a part. Rejects with EEXIST if there is one. */
export async function writePartMetadata(
  metadataPath: string,
  { path, version, checksum }: PartMetadata,
  part: BigIntStats,
): Promise<void> {
  const { etag, size, mtime } = version;
  const remote = { path, etag, size, mtime: mtime.getTime(), checksum };
  const text = JSON.stringify({ version: VERSION, ...remote, part: identityOf(part) });
  const flag = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  await fs.writeFile(metadataPath, text, { flag, mode: 0o600 });
}

/** Reads the metadata file; undefined if it is missing or invalid. */
export async function readPartMetadata(metadataPath: string): Promise<PartMetadata | undefined> {
  const text = await readNote(metadataPath);
  try {
    return text === undefined ? undefined : parseMetadata(text);
  } catch {
    return undefined;
  }
}

/** The text of a metadata file; undefined if it cannot be read. */
async function readNote(metadataPath: string): Promise<string | undefined> {
  try {
    return await readText(metadataPath);
  } catch (error) {
    // A failure that can pass must not cost the part.
    if (hasErrno(error, 'EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'ETIMEDOUT')) throw error;
    // Without metadata the part is created again, which reports what is wrong with the directory.
    return undefined;
  }
}

/**
 * Whether a note, and the part beside it (undefined: none), can be those of an earlier call. Otherwise a file of another
 * program, or a download of a file with this name, has taken their place and must stay.
 */
export async function isOfPart(metadataPath: string, part: BigIntStats | undefined): Promise<boolean> {
  const text = await readNote(metadataPath);
  if (text === undefined || text === '') return true;
  if (!text.startsWith(BEGINNING)) return false;
  const recorded = recordedPart(text);
  if (!part?.isFile() || part.size === 0n || recorded === undefined) return true;
  const [ino, birth] = identityOf(part);
  // Some file systems give a file another number after a while, others report no time of creation.
  return recorded[0] === ino || recorded[1] === birth;
}

/** Removes the metadata file, if there is one. */
export async function removePartMetadata(metadataPath: string): Promise<void> {
  await unlessMissing(fs.unlink(metadataPath));
}

async function readText(metadataPath: string): Promise<string> {
  const handle = await fs.open(metadataPath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await handle.stat();
    return stats.isFile() && stats.size <= MAX_METADATA_BYTES ? await handle.readFile('utf8') : '';
  } finally {
    await handle.close();
  }
}

/** Tells a file from another one that has replaced it. */
function identityOf({ ino, birthtimeNs }: BigIntStats): [string, string] {
  return [String(ino), String(birthtimeNs)];
}

function recordedPart(text: string): unknown[] | undefined {
  try {
    const { part } = JSON.parse(text) as { part?: unknown };
    return Array.isArray(part) ? part : undefined;
  } catch {
    return undefined;
  }
}

function parseMetadata(text: string): PartMetadata | undefined {
  const metadata: unknown = JSON.parse(text);
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { version, path, etag, size, mtime, checksum } = metadata as Record<string, unknown>;
  if (version !== VERSION || typeof path !== 'string' || typeof etag !== 'string') return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  if (typeof mtime !== 'number' || Number.isNaN(new Date(mtime).getTime())) return undefined;
  if (checksum !== 'crc32' && checksum !== 'sha256') return undefined;
  return { path, version: { etag, size, mtime: new Date(mtime) }, checksum };
}
