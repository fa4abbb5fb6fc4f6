/**
 * Paths as peers say them. `parseRemotePath` is the only maker of the branded type, storages take nothing else, and
 * both ends use it on what the other says: a name is refused, never repaired.
 */
import { TransferError } from '../errors.js';
import { isFieldText } from './fields.js';
import { MAX_PATH_BYTES, MAX_SEGMENT_BYTES } from './limits.js';

declare const checked: unique symbol;

/** A checked path: relative to the storage's root, `/`-separated, without `.` and `..`; `''` is the root itself. */
export type RemotePath = string & { readonly [checked]: true };

/** The root of a storage. On the wire it is an absent `path`. */
export const REMOTE_ROOT = '' as RemotePath;

/** The path that a text says. Throws EILSEQ for one that is not allowed, ENAMETOOLONG for one that is too long. */
export function parseRemotePath(text: string): RemotePath {
  if (isPlain(text)) return text as RemotePath;
  if (text === '') throw new TransferError('EILSEQ', 'A path must not be empty.');
  // No text is longer in characters than in bytes, so a huge one is refused before anything walks over it.
  if (text.length > MAX_PATH_BYTES || Buffer.byteLength(text) > MAX_PATH_BYTES) {
    throw new TransferError('ENAMETOOLONG', `A path must not be longer than ${MAX_PATH_BYTES} bytes.`, {
      path: text,
    });
  }
  if (!isFieldText(text)) throw refusal(text, 'it holds a control character or is not well-formed');
  for (const segment of text.split('/')) checkSegment(segment, text);
  // The only place where the brand is given: every rule has been checked above.
  return text as RemotePath;
}

const MAX_PLAIN_LENGTH = MAX_SEGMENT_BYTES;
const SLASH = 0x2f;
const DOT = 0x2e;

// Letters, digits, `-`, `.`, `/` and `_`.
const isPlainUnit = Array.from({ length: 128 }, (_, unit) =>
  /[A-Za-z0-9./_-]/.test(String.fromCharCode(unit)),
);

/**
 * Whether it can be seen at a glance that a path keeps all rules, as most do: they hold for plain units, if no segment is
 * empty or ends with a dot, and none has the length of a device's name before its first dot.
 */
function isPlain(text: string): boolean {
  if (text.length > MAX_PLAIN_LENGTH) return false;
  let start = 0;
  let stemEnd = -1;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : SLASH;
    if (isPlainUnit[unit] !== true) return false;
    if (unit === DOT && stemEnd < start) stemEnd = at;
    if (unit !== SLASH) continue;
    const stemLength = (stemEnd < start ? at : stemEnd) - start;
    if (at === start || text.charCodeAt(at - 1) === DOT || stemLength === 3 || stemLength === 4) return false;
    start = at + 1;
    stemEnd = -1;
  }
  return true;
}

/** As `parseRemotePath`, for what a person writes: one leading `/` is taken off, and `''` or `'/'` is the root. */
export function parseUserPath(text: string): RemotePath {
  if (typeof text !== 'string') throw new TypeError('A path must be a string.');
  const relative = text.startsWith('/') ? text.slice(1) : text;
  return relative === '' ? REMOTE_ROOT : parseRemotePath(relative);
}

/** The path of an entry of a directory. */
export function joinRemotePath(directory: RemotePath, name: string): RemotePath {
  return parseRemotePath(directory === REMOTE_ROOT ? name : `${directory}/${name}`);
}

/** The directory that holds a path, and the name there. The root has no name. */
export function splitPath(path: RemotePath): { directory: RemotePath; name: string } {
  const slash = path.lastIndexOf('/');
  // A part of a checked path at a `/` is a checked path.
  return { directory: (slash < 0 ? '' : path.slice(0, slash)) as RemotePath, name: path.slice(slash + 1) };
}

/**
 * A path as systems compare it that take `A` and `a`, or two spellings of `ä`, for the same name. Of what only some of
 * them take for the same (`ß` and `ss`), it makes one, too.
 */
export function foldPath(path: RemotePath): string {
  // Some differ in lower case only, `σ` and `ς`, and others in upper case, `ẞ` and the `SS` of `ß`.
  return path.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

// What Windows reads as a device, with or without an extension, or cannot hold at the end of a name.
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/iu;
const NOT_ON_WINDOWS = /[\\:*?"<>|]/;

function checkSegment(segment: string, path: string): void {
  if (segment === '') throw refusal(path, 'it has an empty segment');
  if (segment === '.' || segment === '..') throw refusal(path, `it has a segment '${segment}'`);
  if (NOT_ON_WINDOWS.test(segment)) throw refusal(path, 'it holds one of \\ : * ? " < > |');
  if (/[. ]$/.test(segment)) throw refusal(path, 'a segment ends with a dot or a space');
  if (DEVICE.test(segment)) throw refusal(path, 'a segment is the name of a device');
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
    throw new TransferError('ENAMETOOLONG', `A name must not be longer than ${MAX_SEGMENT_BYTES} bytes.`, {
      path,
    });
  }
}

function refusal(path: string, reason: string): TransferError {
  return new TransferError('EILSEQ', `The path is not allowed: ${reason}.`, { path });
}
