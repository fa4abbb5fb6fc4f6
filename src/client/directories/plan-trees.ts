/** The actions of a plan. Loaded when the first plan is asked for its actions. */
import { TransferError } from '../../errors.js';
import { localError } from '../local/local-error.js';
import { IgnoreRules } from './filter/ignore-rules.js';
import { nameMap } from './names/name-map.js';
import type { PlanSettings } from './options.js';
import { MoveFinder } from './plan/move-finder.js';
import { PairWalk } from './plan/pair-walk.js';
import type { PlanContext } from './plan/plan-context.js';
import { PlanSteps } from './plan/plan-steps.js';
import { SyncPlan, type PlannedBatches } from './plan/sync-plan.js';
import { LocalTree } from './scan/local-tree.js';
import { RemoteTree, type RemoteReader } from './scan/remote-tree.js';
import type { ScannedEntry, Tree } from './scan/tree.js';
import type { SyncRoots } from './sync-place.js';

/** What is planned, checked. */
export interface PlanRequest {
  readonly roots: SyncRoots;
  readonly settings: PlanSettings;
  readonly isCheck: boolean;
}

/** The signal that ends a plan, and its counts. */
export type PlanRun = Pick<PlanContext, 'signal' | 'counts'>;

/** The actions for a local directory and one of the server. */
export function plannedActions(client: RemoteReader, request: PlanRequest, run: PlanRun): PlannedBatches {
  const { roots, settings } = request;
  const isUpload = roots.direction === 'upload';
  const local = new LocalTree(roots.local, { followsLinks: isUpload && settings.links === 'follow' });
  const remote = new RemoteTree(client, roots.remote);
  const trees = isUpload ? { source: local, target: remote } : { source: remote, target: local };
  return actionsOf(request, { ...trees, ...run });
}

/** The plan for two trees. */
export function planTrees(trees: { source: Tree; target: Tree }, request: PlanRequest): SyncPlan {
  return new SyncPlan(request.settings, (signal, counts) => actionsOf(request, { ...trees, signal, counts }));
}

async function* actionsOf(
  { roots, settings, isCheck }: PlanRequest,
  run: PlanRun & { source: Tree; target: Tree },
): PlannedBatches {
  const startedMs = Date.now();
  const source = await run.source.stat('', run.signal);
  const target = await run.target.stat('', run.signal);
  if (!source) throw missingSource(roots, settings);
  assertDirectory(source, roots, 'source');
  if (target) assertDirectory(target, roots, 'target');
  const context: PlanContext = {
    ...run,
    direction: roots.direction,
    rootBytes: roots.remote === '' ? 0 : Buffer.byteLength(roots.remote) + 1,
    names: nameMap({ encodeNames: settings.encodeNames, platform: process.platform }),
    settings,
    rules: { mode: settings.mode, checksum: settings.checksum, windowMs: windowOf(run, settings), startedMs },
    ignore: new IgnoreRules(settings.ignore),
    isCheck,
  };
  const steps = new PlanSteps(context, new MoveFinder(context, target !== undefined));
  const walk = new PairWalk(context, steps);
  const root = { path: '', localPath: '', isRehearsal: false, keepsEntries: false, isChanged: false };
  yield* walk.run({ ...root, source, target });
  yield* steps.finish((pair) => walk.run(pair));
  return undefined;
}

function windowOf(
  { source, target }: { source: Tree; target: Tree },
  { modifyWindowMs }: PlanSettings,
): number | null {
  return modifyWindowMs === null ? null : Math.max(modifyWindowMs, source.mtimeStepMs, target.mtimeStepMs);
}

/** A mirror of nothing would delete everything. */
function missingSource(roots: SyncRoots, { mode, maxDelete }: PlanSettings): TransferError {
  const missing = errorAt('ENOENT', roots, 'source');
  if (mode !== 'mirror' || maxDelete !== undefined) return missing;
  return new TransferError('ESAFETY', 'The source is missing; a mirror of it would delete everything.', {
    cause: missing,
  });
}

function assertDirectory({ kind }: ScannedEntry, roots: SyncRoots, side: 'source' | 'target'): void {
  if (kind !== 'directory') throw errorAt('ENOTDIR', roots, side);
}

function errorAt(code: 'ENOENT' | 'ENOTDIR', roots: SyncRoots, side: 'source' | 'target'): TransferError {
  const isLocal = (roots.direction === 'upload') === (side === 'source');
  return isLocal
    ? localError(code, roots.local)
    : new TransferError(code, undefined, { operation: 'list', path: roots.remote });
}
