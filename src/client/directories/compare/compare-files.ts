/** Decides by size, time and permission bits whether a file is sent, or whether its content has to be compared. */
import type { SyncMode } from '../options.js';
import type { ScannedEntry } from '../scan/tree.js';
import type { TouchAction, TransferAction } from '../sync-action.js';

/** Files that were changed so shortly before the comparison may change again without another time, in ms. */
const RACY_MS = 2_000;

/** How files are compared. */
export interface ComparisonRules {
  readonly mode: SyncMode;
  /** Whether content is compared, not times. */
  readonly checksum: boolean;
  /** Difference in ms up to which times are equal; `null` if one side keeps no times. */
  readonly windowMs: number | null;
  /** When the comparison began. */
  readonly startedMs: number;
}

/** What metadata tells of two files. */
export type Verdict =
  | { readonly result: 'equal' }
  /** The target has a newer file, which the mode keeps. */
  | { readonly result: 'keep' }
  | { readonly result: 'send'; readonly reason: TransferAction['reason'] }
  /** Only the content tells. */
  | { readonly result: 'hash' };

/** Compares two files of one name. */
export function compareFiles(source: ScannedEntry, target: ScannedEntry, rules: ComparisonRules): Verdict {
  const { mode, checksum, windowMs } = rules;
  const laterMs = windowMs === null ? 0 : source.mtimeMs - target.mtimeMs;
  const isSameTime = windowMs === null || Math.abs(laterMs) <= windowMs;
  if (mode === 'newer' && !isSameTime && laterMs < 0) return { result: 'keep' };
  if (source.size !== target.size) return { result: 'send', reason: 'size' };
  // Two empty files have the same content.
  if (source.size === 0) return { result: 'equal' };
  if (checksum || windowMs === null || (isSameTime && isRacy(source, target, rules)))
    return { result: 'hash' };
  if (isSameTime) return { result: 'equal' };
  return { result: 'send', reason: mode === 'newer' ? 'newer' : 'mtime' };
}

/** The metadata of the target that has to be set if the content is equal; undefined if there is none. */
export function touchReason(
  source: ScannedEntry,
  target: ScannedEntry,
  windowMs: number | null,
): TouchAction['reason'] | undefined {
  const setsTime = windowMs !== null && Math.abs(source.mtimeMs - target.mtimeMs) > windowMs;
  const setsMode = source.mode !== undefined && target.mode !== undefined && source.mode !== target.mode;
  if (setsTime) return setsMode ? 'mtime-and-mode' : 'mtime';
  return setsMode ? 'mode' : undefined;
}

/** Whether one of the files may have been changed after its size and time were read, or will be with the same time. */
function isRacy(source: ScannedEntry, target: ScannedEntry, { startedMs }: ComparisonRules): boolean {
  return Math.max(source.mtimeMs, target.mtimeMs) > startedMs - RACY_MS;
}
