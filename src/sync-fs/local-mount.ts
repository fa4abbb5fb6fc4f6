/**
 * Whether all files below a directory are local, so that a call for one of them returns soon: the file systems of the
 * directory and of all mounts below it must be of known local types. Both may change, so the check is repeated. It runs in
 * a thread, which alone is blocked if a file system does not respond.
 */
import { readFile, realpath, statfs } from 'node:fs/promises';
import { systemClock } from '../clock.js';

/** Age in ms of a result after which the next call starts another check. */
const CHECK_INTERVAL_MS = 1_000;

/** Age in ms up to which a result is valid; afterwards calls use threads until the next result. */
const VALID_MS = 2_000;

/** File systems in memory or on a disk of this machine, with their names and numbers on Linux. */
const LOCAL_TYPES = new Map([
  ['bcachefs', 0xca451a4e],
  ['btrfs', 0x9123683e],
  ['erofs', 0xe0f5e1e2],
  ['ext2', 0xef53],
  ['ext3', 0xef53],
  ['ext4', 0xef53],
  ['f2fs', 0xf2f52010],
  ['jfs', 0x3153464a],
  ['overlay', 0x794c7630],
  ['ramfs', 0x858458f6],
  ['squashfs', 0x73717368],
  ['tmpfs', 0x01021994],
  ['xfs', 0x58465342],
  ['zfs', 0x2fc12fc1],
]);

const LOCAL_NUMBERS = new Set(LOCAL_TYPES.values());

export class LocalMount {
  readonly #path: string;
  #nextCheckMs = -Infinity;
  #localUntilMs = -Infinity;
  #check: Promise<void> | undefined;
  /** The last result; true before the first one. */
  #wasLocal = true;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether all files are known to be local. Starts a check if one is due. */
  isLocal(nowMs: number): boolean {
    if (nowMs >= this.#nextCheckMs) void this.check(nowMs);
    return nowMs < this.#localUntilMs;
  }

  /** As `isLocal`, but waits for a running check unless the last result was negative. */
  async isLocalSoon(): Promise<boolean> {
    if (this.isLocal(systemClock())) return true;
    if (!this.#check || !this.#wasLocal) return false;
    await this.#check;
    return this.isLocal(systemClock());
  }

  /** Starts a check. Resolves when it is done. */
  check(nowMs: number): Promise<void> {
    this.#nextCheckMs = Infinity;
    return (this.#check = this.#runCheck(nowMs));
  }

  async #runCheck(nowMs: number): Promise<void> {
    // A failure means that the directory is missing, or that the system does not report its mounts.
    const isLocal = await areFilesLocal(this.#path).catch(() => false);
    this.#localUntilMs = isLocal ? nowMs + VALID_MS : -Infinity;
    this.#wasLocal = isLocal;
    this.#nextCheckMs = nowMs + CHECK_INTERVAL_MS;
    this.#check = undefined;
  }
}

async function areFilesLocal(root: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const mounts = await readMounts();
  const directory = await realpath(root);
  const { type } = await statfs(directory);
  return isLocalMountType(type) && mountedBelow(directory, mounts).every(isLocalMountType);
}

let reading: Promise<string> | undefined;

/** Reads the mount table, once for all concurrent checks. */
function readMounts(): Promise<string> {
  return (reading ??= readFile('/proc/self/mountinfo', 'utf8').finally(() => (reading = undefined)));
}

/** Whether a type of file system, by name or number, is known to be local. */
export function isLocalMountType(type: string | number): boolean {
  return typeof type === 'string' ? LOCAL_TYPES.has(type) : LOCAL_NUMBERS.has(type);
}

/** The types of the file systems that are mounted below a directory, from the text of `/proc/self/mountinfo`. */
export function mountedBelow(directory: string, mountinfo: string): string[] {
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  return mountinfo.split('\n').flatMap((line) => {
    // 36 35 98:0 /source /mount rw,noatime master:1 - ext4 /dev/root rw
    const [mount = '', fileSystem = ''] = line.split(' - ');
    const mountPath = unescapePath(mount.split(' ')[4] ?? '');
    const [type = ''] = fileSystem.split(' ');
    return mountPath !== directory && mountPath.startsWith(prefix) ? [type] : [];
  });
}

/** Decodes octal escapes, such as `\040` for a space. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
