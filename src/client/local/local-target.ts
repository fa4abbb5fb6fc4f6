/** The local file of a download, and the hidden names beside it of its part file and metadata file. */
import { constants, type Stats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasErrno, lacksHardLinks, unlessMissing } from '../../fs/errno.js';
import { withLocalPath, localError } from './local-error.js';
import { partNamesOf, pathsOf, type PartNames } from './partial-download/part-names.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

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
  /** The directory; without symbolic links after `resolveDirectory`. */
  #directory: string;
  #paths: PartNames | undefined;
  readonly #hasTrailingSlash: boolean;

  constructor(given: string | URL) {
    const text = parseLocalPath(given);
    this.path = path.resolve(text);
    this.#directory = path.dirname(this.path);
    this.#hasTrailingSlash = text.endsWith('/') || text.endsWith(path.sep);
  }

  get directory(): string {
    return this.#directory;
  }

  get partPath(): string {
    return this.#namedPaths.part;
  }

  get metadataPath(): string {
    return this.#namedPaths.note;
  }

  /** Finds the directory behind symbolic links, so that each way to the target leads to the same part. ENOENT, ENOTDIR */
  async resolveDirectory(): Promise<void> {
    this.#directory = await withLocalPath(this.path, fs.realpath(path.dirname(this.path)));
    this.usePartNames(0);
  }

  /** As `resolveDirectory`, with a directory that was found a moment ago. */
  useDirectory(directory: string): void {
    this.#directory = directory;
    this.usePartNames(0);
  }

  /** Whether a file has the first name of the part. */
  async hasPart(lstat = lstatIfAny): Promise<boolean> {
    return (await withLocalPath(this.path, lstat(this.partPath))) !== undefined;
  }

  /** Uses other names for the part: files of other programs have those before. */
  usePartNames(index: number): void {
    const names = partNamesOf(this.#directory, path.basename(this.path), index);
    this.#paths = pathsOf(this.#directory, names);
  }

  get #namedPaths(): PartNames {
    if (!this.#paths) throw new Error('The directory of the target is not resolved yet.');
    return this.#paths;
  }

  /** The permissions of the file that is replaced, if there is one. EISDIR, EEXIST; EINVAL for a device, pipe or socket. */
  async permissions(overwrite: boolean, lstat = lstatIfAny): Promise<number | undefined> {
    const named = await withLocalPath(this.path, lstat(this.path));
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
  async openForSync(from = this.partPath): Promise<FileHandle | undefined> {
    // Windows has no such call; NTFS has a journal.
    if (process.platform === 'win32') return undefined;
    try {
      return await fs.open(this.#directory, O_RDONLY | O_DIRECTORY);
    } catch (error) {
      if (!hasErrno(error, 'EACCES')) throw error;
    }
    // A directory without read permission cannot be opened; fsync of the file flushes the journal with its name.
    try {
      return await fs.open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (hasErrno(error, 'EACCES')) return undefined;
      throw error;
    }
  }

  /** Renames the part file, or another one, to the target. EEXIST if the target exists and must not be replaced. */
  async publishPart(overwrite: boolean, from = this.partPath): Promise<void> {
    if (overwrite) return fs.rename(from, this.path);
    try {
      await fs.link(from, this.path);
    } catch (error) {
      if (!lacksHardLinks(error)) throw error;
      // Not atomic: without hard links, another program can create the target between lstat and rename.
      if (await unlessMissing(fs.lstat(this.path))) throw localError('EEXIST', this.path);
      return fs.rename(from, this.path);
    }
    // A part with two names is not resumed, so it may stay if it cannot be removed.
    await fs.unlink(from).catch(() => undefined);
  }
}

/** `lstat`; undefined if there is nothing. */
function lstatIfAny(found: string): Promise<Stats | undefined> {
  return unlessMissing(fs.lstat(found));
}
