/** What all parts of a plan share. */
import type { ComparisonRules } from '../compare/compare-files.js';
import type { IgnoreRules } from '../filter/ignore-rules.js';
import type { NameMap } from '../names/name-map.js';
import type { PlanSettings } from '../options.js';
import type { ScannedEntry, Tree } from '../scan/tree.js';
import type { SyncVersion } from '../sync-action.js';

/** Numbers of files, up to now. */
export interface PlanCounts {
  /** Files and directories that were listed. One that both sides have counts once. */
  scanned: number;
  /** Files that are equal on both sides. */
  equal: number;
  /** Files that both sides have, and that differ. */
  different: number;
  /** Files that the target lacks. */
  missing: number;
  /** Files that only the target has. Counted in the mode `'mirror'` only. */
  extra: number;
  /** Entries that are neither sent nor deleted. */
  problems: number;
}

export interface PlanContext {
  readonly source: Tree;
  readonly target: Tree;
  readonly direction: 'upload' | 'download';
  /** Bytes of the path of the tree's root on the server, with a slash. */
  readonly rootBytes: number;
  readonly names: NameMap;
  readonly settings: PlanSettings;
  readonly rules: ComparisonRules;
  readonly ignore: IgnoreRules;
  /** Whether all differences are asked for, not the way to remove them. */
  readonly isCheck: boolean;
  readonly signal: AbortSignal;
  readonly counts: PlanCounts;
}

/** A path by its names on both sides. */
export interface EntryPaths {
  /** With the names of the server. */
  readonly path: string;
  /** With the local names. */
  readonly localPath: string;
}

/** The properties of an action that name a path. */
export function actionPaths({ path, localPath }: EntryPaths): { path: string; localPath?: string } {
  return localPath === path ? { path } : { path, localPath };
}

/** A path as the source names it. */
export function sourcePath({ direction }: PlanContext, { path, localPath }: EntryPaths): string {
  return direction === 'upload' ? localPath : path;
}

/** A path as the target names it. */
export function targetPath({ direction }: PlanContext, { path, localPath }: EntryPaths): string {
  return direction === 'upload' ? path : localPath;
}

/** What an action tells of an entry. */
export function versionOf(entry: ScannedEntry, { rules }: PlanContext): SyncVersion {
  const { size, mtimeMs, mode, etag, isLink } = entry;
  const version: { -readonly [Name in keyof SyncVersion]: SyncVersion[Name] } = { size };
  // No properties that are undefined: JSON has none.
  if (rules.windowMs !== null) version.mtimeMs = mtimeMs;
  if (mode !== undefined) version.mode = mode;
  if (etag !== undefined) version.etag = etag;
  if (isLink) version.isLink = true;
  return version;
}
