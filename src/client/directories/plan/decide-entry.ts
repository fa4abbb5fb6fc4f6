/**
 * Decides on one entry of a directory pair, in this order: ignored -> no name on the other side -> collision -> link, pipe,
 * unreadable -> only on one side -> file and directory -> both files, both directories.
 */
import { MAX_PATH_BYTES } from '../../../protocol/limits.js';
import type { KeyedEntry } from '../entries/keyed-entry.js';
import type { NamePair } from '../names/pair-names.js';
import type { ScannedEntry } from '../scan/tree.js';
import type { DeleteAction, ProblemAction, RenameAction, TransferAction } from '../sync-action.js';
import { decideFiles } from './decide-files.js';
import type { Decision } from './decision.js';
import type { DirectoryPair } from './directory-pair.js';
import { actionPaths, versionOf, type EntryPaths, type PlanContext } from './plan-context.js';
import { problem, problemOfKind } from './problem.js';

/** Decides on an entry, at once unless contents have to be compared. */
export function decideEntry(
  context: PlanContext,
  directory: DirectoryPair,
  pair: NamePair<KeyedEntry>,
): Decision | Promise<Decision> {
  const paths = pathsOf(context, directory, pair);
  const keeps = pair.target !== undefined;
  if (isIgnored(context, paths.path, pair)) return { kind: 'ignored', keeps };
  const place = { directory, pair, paths };
  const found = problemOf(context, place);
  if (found) return { kind: 'problem', action: found, keeps };
  const { source, target } = pair;
  if (source) return decideSource(context, place, { source: source.entry, target: target?.entry });
  return target ? decideExtra(context, place, target.entry) : { kind: 'ignored', keeps };
}

interface Place {
  readonly directory: DirectoryPair;
  readonly pair: NamePair<KeyedEntry>;
  readonly paths: EntryPaths;
}

function decideSource(
  context: PlanContext,
  place: Place,
  { source, target }: { source: ScannedEntry; target: ScannedEntry | undefined },
): Decision | Promise<Decision> {
  const { paths } = place;
  const isMirror = context.settings.mode === 'mirror';
  if (source.kind === 'directory') {
    if (target?.kind !== 'file') return { kind: 'directory', child: childOf(place, { source, target }) };
    if (!isMirror) return conflict(paths, 'The target has a file here.');
    const child = childOf(place, { source, isRehearsal: true });
    return { kind: 'replace', action: deletion(context, paths, { target, reason: 'kind' }), child };
  }
  if (!target) return { kind: 'send', action: newFile(context, paths, source), isNew: true };
  if (target.kind === 'file') return decideFiles(context, { paths, source, target });
  if (!isMirror) return conflict(paths, 'The target has a directory here.');
  const replacement: TransferAction = { ...newFile(context, paths, source), reason: 'kind' };
  return { kind: 'directory', child: childOf(place, { target, replacement }) };
}

function decideExtra(context: PlanContext, place: Place, target: ScannedEntry): Decision {
  const { paths } = place;
  const isMirror = context.settings.mode === 'mirror';
  if (target.kind === 'file') {
    return {
      kind: 'extra',
      action: isMirror ? deletion(context, paths, { target, reason: 'extra' }) : undefined,
    };
  }
  // Without deletes, what only the target has need not be listed.
  return isMirror
    ? { kind: 'directory', child: childOf(place, { target }) }
    : { kind: 'ignored', keeps: true };
}

/** Why an entry is neither sent nor deleted; undefined if there is no reason. */
function problemOf(
  { settings, ...context }: PlanContext,
  { directory, pair, paths }: Place,
): ProblemAction | undefined {
  const { source, target, collidesWith } = pair;
  // What only the target has is of interest only where it is deleted.
  if (!source && settings.mode !== 'mirror') return undefined;
  if (source?.isNamed === false || target?.isNamed === false || isTooLong(context.rootBytes, paths.path))
    return problem(paths, 'name', 'The other side cannot hold this name. The option encodeNames may help.');
  if (collidesWith !== undefined)
    return problem(paths, 'collision', `The target does not tell this name from '${collidesWith}'.`);
  const skipsLinks = settings.links === 'skip';
  const ofSource = source && problemOfKind(paths, source.entry, { side: 'source', skipsLinks });
  if (ofSource) return ofSource;
  if (source?.entry.identity !== undefined && isAncestor(directory, source.entry.identity))
    return problem(paths, 'link', 'A symbolic link leads to a directory that contains it.');
  return target && problemOfKind(paths, target.entry, { side: 'target' });
}

function isIgnored(context: PlanContext, path: string, { source, target }: NamePair<KeyedEntry>): boolean {
  const { ignore, settings } = context;
  if (isBackup(path, source, settings.backupDirectory)) return true;
  const passes = (entry: KeyedEntry | undefined, side: 'source' | 'target'): boolean => {
    if (!entry) return true;
    const { kind, size, mtimeMs } = entry.entry;
    if (ignore.ignores(path, kind === 'directory')) return false;
    if (!settings.filter || (kind !== 'file' && kind !== 'directory')) return true;
    return settings.filter({ path, kind, size, mtimeMs, side });
  };
  return !passes(source, 'source') || !passes(target, 'target');
}

/**
 * Whether an entry is the directory of replaced and deleted files, or may be one of an earlier run: of `.backup/tuesday`,
 * what only the target has in `.backup` is left alone.
 */
function isBackup(
  path: string,
  source: KeyedEntry | undefined,
  backupDirectory: string | undefined,
): boolean {
  if (backupDirectory === undefined || path === backupDirectory) return path === backupDirectory;
  const [top] = backupDirectory.split('/', 1);
  return source === undefined && (path === top || path.startsWith(`${top}/`));
}

/** The paths of a pair of entries. */
export function pathsOf(
  context: PlanContext,
  directory: DirectoryPair,
  pair: NamePair<KeyedEntry>,
): EntryPaths {
  const isUpload = context.direction === 'upload';
  const local = isUpload ? pair.source : pair.target;
  const remote = isUpload ? pair.target : pair.source;
  const key = (remote ?? local)?.key ?? '';
  const localName = local?.entry.name ?? context.names.toLocal(key) ?? key;
  const path = join(directory.path, key);
  const isSame = localName === key && directory.localPath === directory.path;
  return { path, localPath: isSame ? path : join(directory.localPath, localName) };
}

/** The rename of a target that has the name in another case: only a mirror has all names of the source. */
export function caseRename(
  context: PlanContext,
  directory: DirectoryPair,
  { source, target }: NamePair<KeyedEntry>,
): RenameAction | undefined {
  if (!source || !target || source.key === target.key || context.settings.mode !== 'mirror') return undefined;
  if (source.key.normalize('NFC') === target.key.normalize('NFC')) return undefined;
  const to = pathsOf(context, directory, { source });
  const from = pathsOf(context, directory, { target });
  const localFrom = from.localPath === from.path ? {} : { localFrom: from.localPath };
  const version = versionOf(source.entry, context);
  return {
    kind: 'rename',
    ...actionPaths(to),
    from: from.path,
    ...localFrom,
    reason: 'case',
    bytes: 0,
    source: version,
  };
}

function childOf(
  { directory, paths }: Place,
  child: Partial<Pick<DirectoryPair, 'source' | 'target' | 'replacement' | 'isRehearsal'>>,
): DirectoryPair {
  const { isRehearsal } = directory;
  return { ...paths, parent: directory, isRehearsal, ...child, keepsEntries: false, isChanged: false };
}

function newFile(context: PlanContext, paths: EntryPaths, source: ScannedEntry): TransferAction {
  const version = versionOf(source, context);
  return { kind: 'transfer', ...actionPaths(paths), reason: 'new', bytes: source.size, source: version };
}

function deletion(
  context: PlanContext,
  paths: EntryPaths,
  { target, reason }: { target: ScannedEntry; reason: DeleteAction['reason'] },
): DeleteAction {
  const version = versionOf(target, context);
  return { kind: 'delete', ...actionPaths(paths), reason, bytes: 0, entry: 'file', target: version };
}

function conflict(paths: EntryPaths, message: string): Decision {
  return { kind: 'problem', action: problem(paths, 'conflict', message), keeps: true };
}

function isAncestor(directory: DirectoryPair, identity: string): boolean {
  for (let at: DirectoryPair | undefined = directory; at; at = at.parent) {
    if (at.source?.identity === identity) return true;
  }
  return false;
}

function isTooLong(rootBytes: number, path: string): boolean {
  // A character has at most three bytes for each code unit.
  return rootBytes + path.length * 3 > MAX_PATH_BYTES && rootBytes + Buffer.byteLength(path) > MAX_PATH_BYTES;
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
