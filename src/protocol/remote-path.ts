/**
 * Paths of a storage. Only `parseRemotePath` creates the branded type, which storages require, and both ends apply it to
 * the paths of the other. An invalid path is refused, never repaired. A path may have names that only some systems can
 * hold; `isPortablePath` tells.
 */
import { TransferError } from '../errors.js';
import { isFieldText } from './fields.js';
import { MAX_PATH_BYTES, MAX_SEGMENT_BYTES } from './limits.js';

declare const checked: unique symbol;

/** A checked path: relative to the root of the storage, with `/`, without `.` and `..`; `''` is the root. */
export type RemotePath = string & { readonly [checked]: true };

/** The root of a storage. A frame without `path` means it. */
export const REMOTE_ROOT = '' as RemotePath;

// A name of printable ASCII without a backslash.
const USUAL_NAME = `(?!\\.\\.?(?:/|$))[ -.0-\\[\\]-~]{1,${MAX_SEGMENT_BYTES}}`;

/** Nearly every path: it is checked in a third of the time, which is noticeable in listings. */
const USUAL_PATH = new RegExp(`^${USUAL_NAME}(?:/${USUAL_NAME})*$`);

/** Parses a path. Throws EILSEQ if it is not allowed, ENAMETOOLONG if it is too long. */
export function parseRemotePath(text: string): RemotePath {
  if (text.length <= MAX_PATH_BYTES && USUAL_PATH.test(text)) return text as RemotePath;
  if (text === '') throw new TransferError('EILSEQ', 'A path must not be empty.');
  // A text has at least as many bytes as characters, so a huge one is refused without reading it.
  if (text.length > MAX_PATH_BYTES || Buffer.byteLength(text) > MAX_PATH_BYTES) {
    throw new TransferError('ENAMETOOLONG', `A path must have at most ${MAX_PATH_BYTES} bytes.`, {
      path: text,
    });
  }
  if (!isFieldText(text))
    throw refusal(text, 'it contains a control character or is not well-formed Unicode');
  for (const segment of text.split('/')) checkSegment(segment, text);
  return text as RemotePath;
}

/** Like `parseRemotePath`, for input of users: a leading `/` is removed, and `''` or `'/'` is the root. */
export function parseUserPath(text: string): RemotePath {
  if (typeof text !== 'string') throw new TypeError(`A path must be a string, not ${typeof text}.`);
  const relative = text.startsWith('/') ? text.slice(1) : text;
  return relative === '' ? REMOTE_ROOT : parseRemotePath(relative);
}

/** Whether a user names a directory: by a `/` at the end. */
export function namesDirectory(text: string): boolean {
  return text.length > 1 && text.endsWith('/');
}

/** Like `parseUserPath`, for a directory: one `/` at the end is removed. */
export function parseDirectoryPath(text: string): RemotePath {
  const isNamed = typeof text === 'string' && namesDirectory(text) && text !== '//';
  return parseUserPath(isNamed ? text.slice(0, -1) : text);
}

/** The path of an entry in a directory. */
export function joinRemotePath(directory: RemotePath, name: string): RemotePath {
  return parseRemotePath(directory === REMOTE_ROOT ? name : `${directory}/${name}`);
}

/**
 * Whether every common system can hold each name of a path, with the same meaning: whether it is a valid remote path, and no
 * name of it has one of `: * ? " < > |`, ends with a dot or a space, or is a device name of Windows such as `nul.txt`.
 */
export function isPortablePath(path: string): boolean {
  try {
    parseRemotePath(path);
  } catch {
    return false;
  }
  return path.split('/').every(isPortableName);
}

/** The parent directory and the name of a path. The name of the root is empty. */
export function splitPath(path: RemotePath): { directory: RemotePath; name: string } {
  const slash = path.lastIndexOf('/');
  // A checked path up to a `/` is a checked path.
  return { directory: (slash < 0 ? '' : path.slice(0, slash)) as RemotePath, name: path.slice(slash + 1) };
}

/**
 * A form of a path to compare it on file systems that ignore case and Unicode normalization. Names that are equal on
 * only some of them (`ß` and `ss`) are equal here, too.
 */
export function foldPath(path: RemotePath): string {
  // Some names differ only in lower case (`σ` and `ς`), others only in upper case (`ẞ` and the `SS` of `ß`).
  return path.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

// Device names of Windows, with or without an extension.
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/iu;
const NOT_ON_WINDOWS = /[:*?"<>|]/;

function isPortableName(name: string): boolean {
  return !NOT_ON_WINDOWS.test(name) && !/[. ]$/.test(name) && !DEVICE.test(name);
}

function checkSegment(segment: string, path: string): void {
  if (segment === '') throw refusal(path, 'it has an empty segment');
  if (segment === '.' || segment === '..') throw refusal(path, `it has a segment '${segment}'`);
  if (segment.includes('\\')) throw refusal(path, 'it contains a backslash');
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
    throw new TransferError('ENAMETOOLONG', `A name must have at most ${MAX_SEGMENT_BYTES} bytes.`, {
      path,
    });
  }
}

/** EILSEQ for a path with a name that not every system can hold. */
export function notPortable(path: string): TransferError {
  return refusal(path, 'Windows cannot hold such a name');
}

function refusal(path: string, reason: string): TransferError {
  return new TransferError('EILSEQ', `The path is not allowed: ${reason}.`, { path });
}
