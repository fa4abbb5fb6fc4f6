/** The local names of the paths of a plan. */
import path from 'node:path';
import { TransferError } from '../../../../errors.js';
import { parseRemotePath } from '../../../../protocol/remote-path.js';
import type { LocalPath } from './file-calls.js';

/** Converts names of a plan to local ones, which are bytes if they are not UTF-8. */
export interface LocalNames {
  /** The local name of a name of the plan. */
  toLocal(name: string): LocalPath;
}

/** Names that are the same on both sides. */
export const sameNames: LocalNames = { toLocal: (name) => name };

/**
 * Checks a path of a plan below the root of a local target. A server or a file names it: it must not be absolute, lead
 * upwards or to a drive, or have a name that this system reads as something else. `''` is the root. EILSEQ, ENAMETOOLONG
 */
export function checkedPath(below: string, names: LocalNames): string {
  if (below === '') return below;
  parseRemotePath(below);
  for (const name of below.split('/')) checkName(names.toLocal(name), below);
  return below;
}

function checkName(name: LocalPath, below: string): void {
  const text = typeof name === 'string' ? name : name.toString('latin1');
  const isPlain = text !== '' && text !== '.' && text !== '..' && !/[/\0]/.test(text);
  // A backslash, a colon or a device name leads elsewhere on Windows.
  const isSafe = process.platform !== 'win32' || (!/[\\:*?"<>|]/.test(text) && path.basename(text) === text);
  if (!isPlain || !isSafe) throw new TransferError('EILSEQ', undefined, { path: below });
}
