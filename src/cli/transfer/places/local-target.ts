/** Where a download goes. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../../runner/usage-error.js';

/** A source on the server. */
export interface RemoteSource {
  /** The name, without directories; `''` for the root. */
  readonly name: string;
  readonly kind: 'file' | 'directory';
}

/** Whether a target names a directory that every source is put into, under its own name. Never depends on what exists. */
export function namesContainer(target: string): boolean {
  const last =
    target
      .replaceAll('\\', path.sep === '\\' ? '/' : '\\')
      .replace(/\/+$/, '')
      .split('/')
      .at(-1) ?? '';
  return last === '' || last === '.' || last === '..';
}

/**
 * The local path of the result.
 *
 * @param isInto - whether there are several sources
 */
export async function localTarget(
  source: RemoteSource,
  target: string | undefined,
  isInto: boolean,
): Promise<string> {
  if (source.name === '' && target === undefined) {
    throw usageError('The root of a server has no name: write the local directory behind the URL.');
  }
  if (target === undefined) return source.name;
  if (isInto || namesContainer(target)) return path.join(target, source.name);
  // A file cannot become a directory, so there is only one meaning, whatever the first run has left.
  if (source.kind === 'file' && (await isDirectory(target))) return path.join(target, source.name);
  return target;
}

async function isDirectory(target: string): Promise<boolean> {
  const stats = await stat(target).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}
