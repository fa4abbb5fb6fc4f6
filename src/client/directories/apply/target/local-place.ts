/** The local paths of a plan. */
import path from 'node:path';
import { TransferError } from '../../../../errors.js';
import { parseRemotePath } from '../../../../protocol/remote-path.js';
import { localNameBytes } from '../../names/local-name.js';

/** The paths of an action on both sides. */
export interface NamedPlace {
  readonly path: string;
  readonly localPath?: string | undefined;
}

/** With the flag `u`, only code units that stand for a byte match. */
const BYTES = /[\udc80-\udcff]/u;

/** The argument for `fs` of a local path: a Buffer if a name in it is not UTF-8. */
export function fsPath(local: string): string | Buffer {
  return BYTES.test(local) ? localNameBytes(local) : local;
}

/**
 * The local path of an action below the root, with `/`; `''` is the root. A server or a file names it: it is not absolute,
 * leads neither upwards nor to a drive, and has no name that this system reads as something else. EILSEQ, ENAMETOOLONG
 */
export function localPathOf({ path: remote, localPath = remote }: NamedPlace): string {
  if (remote !== '') parseRemotePath(remote);
  if (localPath === '' && remote === '') return '';
  for (const name of localPath.split('/')) checkName(name, remote);
  return localPath;
}

function checkName(name: string, remote: string): void {
  const isPlain = name !== '' && name !== '.' && name !== '..' && !name.includes('\0');
  // A backslash, a colon or a device name leads elsewhere on Windows.
  const isSafe = process.platform !== 'win32' || (!/[\\:*?"<>|]/.test(name) && path.basename(name) === name);
  if (!isPlain || !isSafe) throw new TransferError('EILSEQ', undefined, { path: remote });
}
