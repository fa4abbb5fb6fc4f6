/**
 * A hidden directory in the root of a local target, in which small files are written before they are renamed to their names.
 * One directory a run instead of one hidden name a file: after a crash, the next run finds it without a look at each
 * directory of the tree.
 *
 *     .sync-4711.0123456789ab.socket-ftp-part/   the process 4711 on the machine with this hash
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import fs from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { hasErrno } from '../../../../fs/errno.js';
import { fileTime } from '../../../../fs/file-time.js';
import type { OpenDirectory } from './open-directories.js';

/** A directory of another machine, which may run still, is removed after this time in ms. */
const MAX_AGE_MS = 24 * 60 * 60 * 1_000;

/** Inexactness in ms of the time at which this process was started. */
const START_TOLERANCE_MS = 1_000;

const PATTERN = /^\.sync-(\d+)-[0-9a-f]{8}\.([0-9a-f]{12})\.socket-ftp-part$/;

export class StagingDirectory {
  /** An absolute path. */
  readonly path: string;
  readonly #root: string;
  /** The times of the root before the directory was made, and after it. */
  readonly #times: { readonly before: Stats; readonly after: Stats };
  #count = 0;

  private constructor(directory: string, times: { before: Stats; after: Stats }) {
    this.path = directory;
    this.#root = path.dirname(directory);
    this.#times = times;
  }

  /** Makes a directory, and removes those of processes that have ended. Undefined if the root does not allow it. */
  static async make(root: string): Promise<StagingDirectory | undefined> {
    await sweep(root).catch(() => undefined);
    const directory = path.join(root, StagingDirectory.newName());
    const before = await fs.stat(root);
    try {
      await fs.mkdir(directory, { mode: 0o700 });
    } catch (error) {
      if (hasErrno(error, 'EACCES', 'EPERM')) return undefined;
      throw error;
    }
    return new StagingDirectory(directory, { before, after: await fs.stat(root) });
  }

  /** A name for a hidden entry of another directory, where no file can be renamed from this one. */
  static newName(): string {
    return `.sync-${process.pid}-${randomBytes(4).toString('hex')}.${machineTag()}.socket-ftp-part`;
  }

  /** The path of a new file. */
  next(): string {
    return `${this.path}${path.sep}${this.#count++}`;
  }

  /** Removes the directory with its files. The root keeps its time if nothing else in it has changed. */
  async remove(): Promise<void> {
    const { before, after } = this.#times;
    const isElseUnchanged = (await fs.stat(this.#root)).mtimeMs === after.mtimeMs;
    await fs.rm(this.path, { recursive: true, force: true });
    if (isElseUnchanged) await fs.utimes(this.#root, before.atime, fileTime(before.mtime));
  }
}

/** The staging directory of a root, which is made when the first file needs it. */
export class Staging {
  readonly #root: string;
  #making: Promise<StagingDirectory | undefined> | undefined;
  /** What `#making` has made. */
  #made: StagingDirectory | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** A free path for a new file, on the file system of its directory. */
  async newPath(directory: OpenDirectory): Promise<string> {
    this.#making ??= StagingDirectory.make(this.#root);
    const staging = directory.isOnRootDevice ? (this.#made = await this.#making) : undefined;
    return staging ? staging.next() : directory.child(StagingDirectory.newName());
  }

  /** The same without a wait, if there is a staging directory for it already. */
  newPathNow({ isOnRootDevice }: OpenDirectory): string | undefined {
    return isOnRootDevice ? this.#made?.next() : undefined;
  }

  /** Removes the staging directory; the next file makes another one. Does not reject. */
  async remove(): Promise<void> {
    const making = this.#making;
    this.#making = undefined;
    this.#made = undefined;
    const staging = await making?.catch(() => undefined);
    await staging?.remove().catch(() => undefined);
  }
}

async function sweep(root: string): Promise<void> {
  for (const name of await fs.readdir(root)) {
    const [, pid, tag] = PATTERN.exec(name) ?? [];
    if (pid === undefined) continue;
    const directory = path.join(root, name);
    const { mtimeMs } = await fs.lstat(directory);
    const isLeftOver =
      tag === machineTag() ? hasEnded(Number(pid), mtimeMs) : Date.now() - mtimeMs > MAX_AGE_MS;
    if (isLeftOver) await fs.rm(directory, { recursive: true, force: true });
  }
}

/** Process numbers count within a machine, or a container with a host name of its own. */
function machineTag(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 12);
}

/** Whether the process that has last written at this time has ended. */
function hasEnded(pid: number, mtimeMs: number): boolean {
  // An earlier process had the number of this one if the directory is older than this process.
  if (pid === process.pid) return mtimeMs < Date.now() - process.uptime() * 1_000 - START_TOLERANCE_MS;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasErrno(error, 'ESRCH');
  }
}
