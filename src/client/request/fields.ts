/** The fields of requests that change names, and the options that they come from. */
import { flagOption } from '../../options/option.js';
import type { RemotePath } from '../../protocol/remote-path.js';
import type { CallOptions } from './abort.js';
import { parseFilePath, parseNonRootPath } from './path-argument.js';

/** The options of `FileClient.mkdir`. */
export interface MkdirOptions extends CallOptions {
  /** Creates missing parents, and accepts a directory that exists. Default false. */
  recursive?: boolean | undefined;
}

/** The options of `FileClient.remove`. */
export interface RemoveOptions extends CallOptions {
  /** Removes a directory with its contents. Default false. */
  recursive?: boolean | undefined;
}

/** The options of `FileClient.rename` and `FileClient.copy`. */
export interface ReplaceOptions extends CallOptions {
  /** Replaces an existing file. Default false: an existing file fails with EEXIST. */
  overwrite?: boolean | undefined;
}

/** The fields of a request for a path or for a whole tree. */
export function recursiveFields(
  op: string,
  path: string,
  recursive: boolean | undefined,
): { op: string; path: RemotePath; recursive: boolean | undefined } {
  return { op, path: parseNonRootPath(op, path), recursive: flagOption('recursive', recursive) };
}

/** The fields of a request to rename, or to copy a file. */
export function replaceFields(
  op: 'rename' | 'copy',
  { from, to, overwrite }: { from: string; to: string; overwrite: boolean | undefined },
): { op: string; path: RemotePath; to: RemotePath; overwrite: boolean | undefined } {
  const parse = op === 'copy' ? parseFilePath : parseNonRootPath;
  return {
    op,
    path: parse(op, from),
    to: parse(op, to),
    overwrite: flagOption('overwrite', overwrite),
  };
}
