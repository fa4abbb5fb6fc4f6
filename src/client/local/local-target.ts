/** The local file of a download, and the hidden names beside it of its part file and metadata file. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasErrno, lacksHardLinks, unlessMissing } from '../../fs/errno.js';
import { withLocalPath, localError } from './local-error.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

const PART_SUFFIX = '.socket-ftp-part';
const METADATA_SUFFIX = '.socket-ftp-note';

/** The longest name of common file systems. Bytes, so that it also fits where characters are counted. */
const MAX_NAME_BYTES = 255;

const PERMISSION_BITS = 0o777;

/** Converts a local path argument to a string. Throws a TypeError if it is none. */
export function parseLocalPath(given: string | URL): string {
  const text = given instanceof URL ? fileURLToPath(given) : given;
  if (typeof text === 'string' && text !== '' && !text.includes('\0')) return text;
  throw new TypeError('A local path must be a file: URL, or a non-empty string without NUL bytes.');
}

/** As `parseLocalPath`, but absolute: the process may change its working directory before the file is opened. */
export function absoluteLocalPath(given: string | URL): string {
  const text = parseLocalPath(given);
  if (path.isAbsolute(text)) return text;
  // `path.resolve` would remove a slash at the end, which only a directory can have.
  return path.resolve(text) + (/[/\\]$/.test(text) ? path.sep : '');
}

export class LocalTarget {
  /** Absolute, because the process may change its working directory. */
  readonly path: string;
  readonly partPath: string;
  readonly metadataPath: string;
  readonly #directory: string;
  readonly #hasTrailingSlash: boolean;

  constructor(given: string | URL) {
    const text = parseLocalPath(given);
    this.path = path.resolve(text);
    this.#directory = path.dirname(this.path);
    this.#hasTrailingSlash = text.endsWith('/') || text.endsWith(path.sep);
    const name = path.basename(this.path);
    this.partPath = path.join(this.#directory, nameBeside(name, PART_SUFFIX));
    this.metadataPath = path.join(this.#directory, nameBeside(name, METADATA_SUFFIX));
  }

  /** The permissions of the file that is replaced, if there is one. EISDIR, EEXIST; EINVAL for a device, pipe or socket. */
  async permissions(overwrite: boolean): Promise<number | undefined> {
    const named = await withLocalPath(this.path, unlessMissing(fs.lstat(this.path)));
    // A symbolic link to a file is replaced, one to anything else is refused.
    const stats = named?.isSymbolicLink()
      ? await withLocalPath(this.path, unlessMissing(fs.stat(this.path)))
      : named;
    if (this.#hasTrailingSlash || stats?.isDirectory()) throw localError('EISDIR', this.path);
    if (named && !overwrite) throw localError('EEXIST', this.path);
    if (stats && !stats.isFile())
      throw localError('EINVAL', this.path, { meaning: 'It is not a regular file.' });
    return named?.isFile() ? named.mode & PERMISSION_BITS : undefined;
  }

  /**
   * Prepares to flush the name of the target. A handle is opened before the rename: afterwards, too many open files could
   * not be reported without a wrong impression. Undefined if the system needs no such flush.
   */
  async openForSync(): Promise<FileHandle | undefined> {
    // Windows has no such call; NTFS has a journal.
    if (process.platform === 'win32') return undefined;
    try {
      return await fs.open(this.#directory, O_RDONLY | O_DIRECTORY);
    } catch (error) {
      if (!hasErrno(error, 'EACCES')) throw error;
    }
    // A directory without read permission cannot be opened; fsync of the file flushes the journal with its name.
    try {
      return await fs.open(this.partPath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (hasErrno(error, 'EACCES')) return undefined;
      throw error;
    }
  }

  /** Renames the part file to the target. EEXIST if the target exists and must not be replaced. */
  async publishPart(overwrite: boolean): Promise<void> {
    if (overwrite) return fs.rename(this.partPath, this.path);
    try {
      await fs.link(this.partPath, this.path);
    } catch (error) {
      if (!lacksHardLinks(error)) throw error;
      // Not atomic: without hard links, another program can create the target between lstat and rename.
      if (await unlessMissing(fs.lstat(this.path))) throw localError('EEXIST', this.path);
      return fs.rename(this.partPath, this.path);
    }
    // A part with two names is not resumed, so it may stay if it cannot be removed.
    await fs.unlink(this.partPath).catch(() => undefined);
  }
}

/** A hidden name with a suffix; a name that would be too long is cut and gets a hash. */
function nameBeside(name: string, suffix: string): string {
  const plain = `.${name}${suffix}`;
  if (Buffer.byteLength(plain) <= MAX_NAME_BYTES) return plain;
  const sum = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const ending = `.${sum}${suffix}`;
  return `.${cut(name, MAX_NAME_BYTES - Buffer.byteLength(ending) - 1)}${ending}`;
}

/** The longest beginning of a text with at most this many bytes of UTF-8. */
function cut(text: string, bytes: number): string {
  let kept = '';
  let left = bytes;
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    kept += character;
  }
  return kept;
}
