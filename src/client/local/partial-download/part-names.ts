/**
 * The hidden names beside a target of its part and its note:
 *
 *     .film.mp4.3f0c91d2a75e.socket-ftp-part
 *
 * The digits depend on the directory. Without them, a file that was mirrored from a server with parts of its own would
 * have the name of a part here.
 */
import path from 'node:path';
import { lazyBuiltin } from '../../../lazy-builtin.js';

const PART_SUFFIX = '.socket-ftp-part';
const NOTE_SUFFIX = '.socket-ftp-note';
const TAG_DIGITS = 12;

/** The longest name of common file systems. Bytes, so that it also fits where characters are counted. */
const MAX_NAME_BYTES = 255;

/** Names that are tried if files of other programs have those before. */
export const MAX_PART_NAMES = 8;

const PATTERN = /^\.(.+)\.([0-9a-f]{12})\.socket-ftp-(part|note)$/s;

export interface PartNames {
  readonly part: string;
  readonly note: string;
}

/**
 * Whether a file name, without its directory, is that of an unfinished download of `downloadFile`: of a part, or of the
 * note beside it. A program that uploads directories can skip these files.
 */
export function isPartialDownload(name: string): boolean {
  return PATTERN.test(name);
}

/** The names for a target. `directory` is a path without symbolic links; `index` counts from 0. */
export function partNamesOf(directory: string, name: string, index: number): PartNames {
  return namesOfStem(directory, stemOf(name), index);
}

/** The stem of a file that is written and renamed at once, and never resumed. */
const TEMPORARY_STEM = /^[0-9a-f]{32}$/;

/** A random name for a file that gets its own name at once. A sweep takes it for the part of a target that nothing is called. */
export function temporaryNameIn(directory: string): string {
  return namesOfStem(directory, lazyBuiltin.crypto.randomBytes(16).toString('hex'), 0).part;
}

/** Whether a name of a part is that of a file which is never resumed. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_STEM.test(PATTERN.exec(name)?.[1] ?? '');
}

/** The names of a part and its note, of which a file in the directory has one; undefined for any other file. */
export function partNamesOfLeftover(directory: string, leftover: string): PartNames | undefined {
  const [, stem] = PATTERN.exec(leftover) ?? [];
  if (stem === undefined) return undefined;
  for (let index = 0; index < MAX_PART_NAMES; index++) {
    const names = namesOfStem(directory, stem, index);
    if (names.part === leftover || names.note === leftover) return names;
  }
  return undefined;
}

function namesOfStem(directory: string, stem: string, index: number): PartNames {
  const tag = hashOf(JSON.stringify([directory, stem, index]), TAG_DIGITS);
  return { part: `.${stem}.${tag}${PART_SUFFIX}`, note: `.${stem}.${tag}${NOTE_SUFFIX}` };
}

/** The name, or if the names would be too long its beginning and a hash. */
function stemOf(name: string): string {
  const room = MAX_NAME_BYTES - Buffer.byteLength(PART_SUFFIX) - TAG_DIGITS - 2;
  if (Buffer.byteLength(name) <= room) return name;
  const ending = `.${hashOf(name, 16)}`;
  return cut(name, room - ending.length) + ending;
}

function hashOf(text: string, digits: number): string {
  return lazyBuiltin.crypto.createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/** The longest beginning of a text with at most this many bytes of UTF-8. */
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

/** The paths of names in a directory. */
export function pathsOf(directory: string, { part, note }: PartNames): PartNames {
  return { part: path.join(directory, part), note: path.join(directory, note) };
}
