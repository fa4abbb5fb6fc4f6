/** Decides on a file that both sides have, by its content where size and time do not tell. */
import { TransferError } from '../../../errors.js';
import { compareFiles, touchReason } from '../compare/compare-files.js';
import type { ScannedEntry, Tree } from '../scan/tree.js';
import type { TransferAction } from '../sync-action.js';
import type { Decision } from './decision.js';
import {
  actionPaths,
  sourcePath,
  targetPath,
  versionOf,
  type EntryPaths,
  type PlanContext,
} from './plan-context.js';
import { problem } from './problem.js';

/** Files below this size, in bytes, are sent sooner than their contents are compared. */
export const MIN_COMPARED_BYTES = 16 * 1024;

const EQUAL: Decision = { kind: 'equal' };

/** A file with an entry on each side. */
export interface FilePair {
  readonly paths: EntryPaths;
  readonly source: ScannedEntry;
  readonly target: ScannedEntry;
}

/** Decides at once if size and time tell enough. */
export function decideFiles(context: PlanContext, files: FilePair): Decision | Promise<Decision> {
  const { source, target } = files;
  const verdict = compareFiles(source, target, context.rules);
  if (verdict.result === 'keep') return { kind: 'kept' };
  if (verdict.result === 'equal') return equal(context, files);
  if (verdict.result === 'hash') return compareContent(context, files);
  const mayBeGrown = source.size > target.size && target.size >= MIN_COMPARED_BYTES && !context.isCheck;
  if (mayBeGrown && context.source.prefixChecksum) return compareBeginning(context, files, verdict.reason);
  return send(context, files, verdict.reason);
}

async function compareContent(context: PlanContext, files: FilePair): Promise<Decision> {
  const { paths } = files;
  const [ofSource, ofTarget] = await Promise.all([
    checksumOf(context.source, sourcePath(context, paths), context.signal),
    checksumOf(context.target, targetPath(context, paths), context.signal),
  ]);
  if (ofSource === undefined) {
    const action = problem(paths, 'unreadable', 'The file could not be read.');
    return { kind: 'problem', action, keeps: true };
  }
  return ofSource === ofTarget ? equal(context, files) : send(context, files, 'content');
}

/** A log has grown if it still begins with what the target has. */
async function compareBeginning(
  context: PlanContext,
  files: FilePair,
  reason: TransferAction['reason'],
): Promise<Decision> {
  const { paths, source, target } = files;
  const [ofSource, ofTarget] = await Promise.all([
    unlessRefused(context.source.prefixChecksum?.(sourcePath(context, paths), target.size, context.signal)),
    checksumOf(context.target, targetPath(context, paths), context.signal),
  ]);
  if (ofSource === undefined || ofSource !== ofTarget) return send(context, files, reason);
  const versions = { source: versionOf(source, context), target: versionOf(target, context) };
  const bytes = source.size - target.size;
  const action = { kind: 'append', ...actionPaths(paths), reason: 'grown', bytes, ...versions } as const;
  return { kind: 'send', action, isNew: false };
}

function equal(context: PlanContext, { paths, source, target }: FilePair): Decision {
  const reason = touchReason(source, target, context.rules.windowMs);
  if (reason === undefined) return EQUAL;
  const versions = { source: versionOf(source, context), target: versionOf(target, context) };
  const touch = { kind: 'touch', ...actionPaths(paths), reason, bytes: 0, ...versions } as const;
  return { kind: 'equal', touch };
}

function send(
  context: PlanContext,
  { paths, source, target }: FilePair,
  reason: TransferAction['reason'],
): Decision {
  const versions = { source: versionOf(source, context), target: versionOf(target, context) };
  const action = {
    kind: 'transfer',
    ...actionPaths(paths),
    reason,
    bytes: source.size,
    ...versions,
  } as const;
  return { kind: 'send', action, isNew: false };
}

/** The checksum of a file; undefined if it cannot be read, or changes. */
export async function checksumOf(tree: Tree, path: string, signal: AbortSignal): Promise<string | undefined> {
  return unlessRefused(tree.checksum(path, signal));
}

/** Errors that concern one file. With any other one, the plan fails. */
const REFUSALS = ['EACCES', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EINVAL', 'ESTALE', 'EBUSY', 'ENOTSUP'];

async function unlessRefused(checksum: Promise<string> | undefined): Promise<string | undefined> {
  try {
    return await checksum;
  } catch (error) {
    if (error instanceof TransferError && REFUSALS.includes(error.code)) return undefined;
    throw error;
  }
}
