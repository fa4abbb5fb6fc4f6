/** Where a download is to be on this machine, and the names beside it that it has meanwhile. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasErrno, lacksHardLinks, unlessMissing } from '../../fs/errno.js';
import { withLocalPath, localError } from './local-error.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

const PART_SUFFIX = '.socket-ftp-part';
const NOTE_SUFFIX = '.socket-ftp-note';

/** What file systems commonly allow a name, counted so that it fits whether they count bytes or characters. */
const MAX_NAME_BYTES = 255;

const PERMISSION_BITS = 0o777;

/** A local path as the calls of Node take it. */
export function parseLocalPath(given: string | URL): string {
  const text = given instanceof URL ? fileURLToPath(given) : given;
  if (typeof text === 'string' && text !== '' && !text.includes('\0')) return text;
  throw new TypeError('A local path must be a URL of a file, or a text that is not empty and has no NUL.');
}

export class LocalTarget {
  /** Absolute, so that it stays the same when the process changes its directory. */
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
    this.metadataPath = path.join(this.#directory, nameBeside(name, NOTE_SUFFIX));
  }

  /**
   * The permissions of the file that is to be replaced; undefined if there is none. Throws EISDIR, EEXIST, or EINVAL
   * for a device, a pipe or a socket, which a rename would replace.
   */
  async permissions(overwrite: boolean): Promise<number | undefined> {
    const named = await withLocalPath(this.path, unlessMissing(fs.lstat(this.path)));
    // A link gives way to the file itself, but not one that leads to something else than a file.
    const stats = named?.isSymbolicLink()
      ? await withLocalPath(this.path, unlessMissing(fs.stat(this.path)))
      : named;
    if (this.#hasTrailingSlash || stats?.isDirectory()) throw localError('EISDIR', this.path);
    if (named && !overwrite) throw localError('EEXIST', this.path);
    if (stats && !stats.isFile()) throw localError('EINVAL', this.path, { meaning: 'It is no plain file.' });
    return named?.isFile() ? named.mode & PERMISSION_BITS : undefined;
  }

  /** Gives the part its name. EEXIST if something has it and must not be replaced. */
  async publishPart(overwrite: boolean): Promise<void> {
    if (overwrite) return fs.rename(this.partPath, this.path);
    try {
      await fs.link(this.partPath, this.path);
    } catch (error) {
      if (!lacksHardLinks(error)) throw error;
      // Without hard links there is a moment between the look and the rename.
      if (await unlessMissing(fs.lstat(this.path))) throw localError('EEXIST', this.path);
      return fs.rename(this.partPath, this.path);
    }
    // The file has its name. What keeps a second one is no part that anybody goes on with.
    await fs.unlink(this.partPath).catch(() => undefined);
  }

  /** Brings the names in the directory to the disk. */
  async syncDirectory(): Promise<void> {
    // Windows has no such call; NTFS keeps its own journal of names.
    if (process.platform === 'win32') return;
    const done = await syncReadable(this.#directory, O_DIRECTORY);
    // A directory may allow to write but not to read. A journal brings the name to the disk along with the file.
    if (!done) await syncReadable(this.path, O_NOFOLLOW | O_NONBLOCK);
  }
}

/** Brings something to the disk. False if it may not be read: then it cannot be opened for that either. */
async function syncReadable(name: string, flags: number): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await fs.open(name, O_RDONLY | flags);
  } catch (error) {
    if (hasErrno(error, 'EACCES')) return false;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}

/** A hidden name that tells to what it belongs, also where the name itself leaves no room for more. */
function nameBeside(name: string, suffix: string): string {
  const plain = `.${name}${suffix}`;
  if (Buffer.byteLength(plain) <= MAX_NAME_BYTES) return plain;
  const sum = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const ending = `.${sum}${suffix}`;
  return `.${cut(name, MAX_NAME_BYTES - Buffer.byteLength(ending) - 1)}${ending}`;
}

/** As many whole characters of a text as have room in so many bytes. */
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
