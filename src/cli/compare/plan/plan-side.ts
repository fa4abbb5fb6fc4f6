/** One side of a plan, as it is now: the local directory, or that of the server. */
import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileClient, SyncPlace, SyncVersion } from '../../../index.js';
import { errorCode } from '../../runner/exit-of.js';

/** What a side has at a path. `unknown`: a local name that is not UTF-8, and that only the step itself can look at. */
export type Found = FoundEntry | 'missing' | 'unknown';

export interface FoundEntry {
  readonly kind: 'file' | 'directory' | 'other';
  readonly size: number;
  readonly mtimeMs: number;
  readonly etag?: string | undefined;
}

/** A path of a step. */
export interface StepPlace {
  readonly path: string;
  readonly localPath?: string | undefined;
  /** Whether a symbolic link of a local source is followed. */
  readonly isLink?: boolean | undefined;
}

/** Looks at a path of a side. */
export type PlanSide = (place: StepPlace) => Promise<Found>;

/** Code units that stand for bytes. */
const BYTES = /[\udc80-\udcff]/u;

export function planSide(client: FileClient, place: SyncPlace, signal: AbortSignal): PlanSide {
  if ('remote' in place) {
    // The root ends with a slash.
    const root = place.remote.replace(/\/$/, '');
    return (at) => unlessMissing(remoteEntry(client, `${root}/${at.path}`, signal));
  }
  return ({ path: remote, localPath = remote, isLink }) => {
    if (BYTES.test(localPath)) return Promise.resolve('unknown');
    return unlessMissing(localEntry(path.join(String(place.local), localPath), isLink === true));
  };
}

/** Whether an entry is this version, by its etag, or by size and time. */
export function isVersion(found: FoundEntry, planned: SyncVersion): boolean {
  if (found.kind !== 'file') return false;
  const { etag } = planned;
  if (etag !== undefined && found.etag !== undefined && !etag.startsWith('W/')) return etag === found.etag;
  const isSameTime = planned.mtimeMs === undefined || Math.abs(planned.mtimeMs - found.mtimeMs) < 1;
  return planned.size === found.size && isSameTime;
}

async function remoteEntry(client: FileClient, remote: string, signal: AbortSignal): Promise<FoundEntry> {
  const { kind, size, mtime, etag } = await client.stat(remote, { signal });
  return { kind, size, mtimeMs: mtime.getTime(), etag };
}

async function localEntry(local: string, followsLink: boolean): Promise<FoundEntry> {
  const stats = await (followsLink ? stat(local) : lstat(local));
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  return { kind, size: stats.size, mtimeMs: stats.mtimeMs };
}

async function unlessMissing(entry: Promise<FoundEntry>): Promise<Found> {
  try {
    return await entry;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return 'missing';
    throw error;
  }
}
