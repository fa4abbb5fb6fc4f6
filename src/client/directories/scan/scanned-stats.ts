/** The stats of a local file as an entry of a tree. */
import type { Stats } from 'node:fs';
import type { ScannedEntry } from './tree.js';

const PERMISSION_BITS = 0o777;
const OWNER_READS = 0o400;
const OTHERS_READ = 0o044;

const hasModes = process.platform !== 'win32';

/** @param isIdentified - whether another path may lead to the same directory */
export function scannedStats(name: string, stats: Stats, isIdentified = false): ScannedEntry {
  const kind = kindOf(stats);
  return {
    name,
    kind,
    size: kind === 'file' ? stats.size : 0,
    // Rounded as the server rounds times.
    mtimeMs: Math.round(stats.mtimeMs),
    mode: hasModes ? stats.mode & PERMISSION_BITS : undefined,
    identity: isIdentified && kind === 'directory' ? `${stats.dev}:${stats.ino}` : undefined,
  };
}

/** Whether the permission bits of a file leave open that this process may read it. */
export function mayBeUnreadable(stats: Stats): boolean {
  if (!stats.isFile()) return false;
  const user = process.geteuid?.();
  if (user === undefined || user === 0) return false;
  return user === stats.uid ? (stats.mode & OWNER_READS) === 0 : (stats.mode & OTHERS_READ) !== OTHERS_READ;
}

function kindOf(stats: Stats): ScannedEntry['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'special';
}
