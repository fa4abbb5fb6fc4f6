/**
 * The metadata file beside a part: the version of the remote file, with which a later process can resume the download.
 *
 *     {"version":1,"path":...}      one line of JSON
 *     [3,"crc32:0a1b2c3d"]          of a part in segments, one line for each segment that is complete
 */
import { constants, type BigIntStats } from 'node:fs';
import fs from 'node:fs/promises';
import { hasErrno, unlessMissing } from '../../../fs/errno.js';
import { isChecksum, type ChecksumAlgorithm } from '../../../protocol/checksum.js';
import { MAX_SEGMENTS, segmentCount } from '../segments/segment-size.js';

/** Raised when the meaning of the file changes; files of other versions are ignored. */
const VERSION = 1;

/** Larger than any first line; a file with a longer one is ignored. */
const MAX_LINE_BYTES = 64 * 1024;

/** Larger than any metadata, with a line for each of the most segments; a larger file is ignored. */
const MAX_METADATA_BYTES = 1024 * 1024;

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_APPEND } = constants;

export interface PartMetadata {
  /** The remote path. */
  readonly path: string;
  /** The version of the remote file. */
  readonly version: { readonly etag: string; readonly size: number; readonly mtime: Date };
  readonly checksum: ChecksumAlgorithm;
  /** Of a part that is written in segments, and has gaps between them. */
  readonly segments?: NotedSegments | undefined;
}

interface NotedSegments {
  /** Bytes of each segment but the last one. */
  readonly bytes: number;
  /** The checksums of the complete segments. */
  readonly checksums: ReadonlyMap<number, string>;
}

/** How every metadata file begins. */
const BEGINNING = '{"version":';

/** Creates the metadata file of a part. Rejects with EEXIST if there is one. */
export async function writePartMetadata(
  metadataPath: string,
  { path, version, checksum, segments }: PartMetadata,
  part: BigIntStats,
): Promise<void> {
  const { etag, size, mtime } = version;
  const remote = { path, etag, size, mtime: mtime.getTime(), checksum, segmentBytes: segments?.bytes };
  const text = JSON.stringify({ version: VERSION, ...remote, part: identityOf(part) });
  const flag = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  await fs.writeFile(metadataPath, text, { flag, mode: 0o600 });
}

/** Adds a complete segment to the metadata file of its part. */
export async function appendSegment(metadataPath: string, index: number, checksum: string): Promise<void> {
  // The line break comes first: the line before may be incomplete after a crash.
  const line = `\n${JSON.stringify([index, checksum])}`;
  await fs.writeFile(metadataPath, line, { flag: O_WRONLY | O_APPEND | O_NOFOLLOW });
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
    if (!stats.isFile() || stats.size > MAX_METADATA_BYTES) return '';
    const text = await handle.readFile('utf8');
    return Buffer.byteLength(firstLine(text)) <= MAX_LINE_BYTES ? text : '';
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
    const { part } = JSON.parse(firstLine(text)) as { part?: unknown };
    return Array.isArray(part) ? part : undefined;
  } catch {
    return undefined;
  }
}

function parseMetadata(text: string): PartMetadata | undefined {
  const metadata: unknown = JSON.parse(firstLine(text));
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const { version, path, etag, size, mtime, checksum, segmentBytes } = metadata as Record<string, unknown>;
  if (version !== VERSION || typeof path !== 'string' || typeof etag !== 'string') return undefined;
  if (!isCount(size)) return undefined;
  if (typeof mtime !== 'number' || Number.isNaN(new Date(mtime).getTime())) return undefined;
  if (checksum !== 'crc32' && checksum !== 'sha256') return undefined;
  const parsed = { path, version: { etag, size, mtime: new Date(mtime) }, checksum } as const;
  if (segmentBytes === undefined) return parsed;
  if (!isCount(segmentBytes) || segmentBytes === 0 || segmentCount(size, segmentBytes) > MAX_SEGMENTS)
    return undefined;
  return { ...parsed, segments: { bytes: segmentBytes, checksums: parseSegments(text, checksum) } };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line;
}

/** The checksums of complete segments. A line that is invalid is ignored: its segment is downloaded again. */
function parseSegments(text: string, algorithm: ChecksumAlgorithm): Map<number, string> {
  const checksums = new Map<number, string>();
  for (const line of text.split('\n').slice(1)) {
    const [, index, checksum = ''] = /^\[(\d{1,6}),"([^"]*)"\]$/.exec(line) ?? [];
    if (isChecksum(algorithm, checksum)) checksums.set(Number(index), checksum);
  }
  return checksums;
}
